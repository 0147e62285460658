"""Merging overlays and reading included files as Juju 2.6 does."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.bundle import BundleSource, ParsedBundle, parse_bundle
from botlab.juju import Juju

BASE = (
    "applications: {a: {charm: x, options: {one: 1}, num_units: 3, trust: true}, b: {charm: y}}\n"
)


def merged(overlay: str, base: str = BASE, directory: Path = Path("/lab")) -> ParsedBundle:
    """Return a bundle with an overlay file."""
    overlays = [BundleSource(overlay, "over.yaml", str(directory))]
    return parse_bundle(BundleSource(base, directory=str(directory)), Juju.V2_6, overlays)


def test_null_option_of_an_overlay_stays() -> None:
    """Entries are added, never removed."""
    application = merged("applications: {a: {options: {one: , two: 2}}}").bundle.applications["a"]

    assert application is not None
    assert application.options == {"one": None, "two": 2}


def test_keys_that_the_merge_does_not_know_are_ignored() -> None:
    """The base keeps them, and `scale` does not count as `num_units`."""
    application = merged("applications: {a: {trust: false, scale: 5}}").bundle.applications["a"]

    assert application is not None
    assert (application.trust, application.num_units) == (True, 3)


def test_relative_charm_of_an_overlay_stays_as_it_is_written() -> None:
    """Juju 2.6 looks for it in the bundle's directory."""
    overlays = [BundleSource("applications: {a: {charm: ./x}}", "over.yaml", "/other")]
    bundle = parse_bundle(BundleSource(BASE, directory="/lab"), Juju.V2_6, overlays).bundle

    application = bundle.applications["a"]
    assert application is not None
    assert application.charm == "./x"


def test_null_removes_an_application_and_machines_are_replaced() -> None:
    """As in the later releases."""
    base = f"{BASE}machines: {{'0': }}\nrelations: [[a, b]]\n"
    bundle = merged("applications: {b: }\nmachines: {'1': }\nseries: bionic\n", base).bundle

    assert list(bundle.applications) == ["a"]
    assert (list(bundle.machines), bundle.relations, bundle.series) == (["1"], [], "bionic")


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (
            "services: {c: {charm: z}}",
            'unable to process overlays: bundle overlay file "/lab/over.yaml" used deprecated'
            " 'services' key, this is not valid for bundle overlay files",
        ),
        (
            "applications: {a: {options: {k: 'include-file://none'}}}",
            "unable to process overlays: processing config options value k for application a:"
            " unable to read file: open /lab/none: no such file or directory",
        ),
        (
            "applications: {c: {charm: z, annotations: {k: 'include-base64:///'}}}",
            "unable to process includes: processing annotation value k for application c: unable"
            " to read file: read /: is a directory",
        ),
        (
            "machines: {'1': {annotations: {k: 'include-file://none'}}}",
            "unable to process includes: processing annotation value k for machine 1: unable to"
            " read file: open /lab/none: no such file or directory",
        ),
    ],
)
def test_refused_overlay_has_the_words_of_juju_2_6(overlay: str, message: str) -> None:
    """The path of the overlay is absolute."""
    bundle = merged(overlay)

    assert bundle.is_refused
    assert [finding.message for finding in bundle.findings] == [message]


def test_included_file_is_read(tmp_path: Path) -> None:
    """In the base and in the overlay."""
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    base = "applications: {a: {charm: x, options: {one: 'include-file://text'}}}"
    overlay = "applications: {a: {annotations: {two: 'include-base64://text'}}}"

    application = merged(overlay, base, tmp_path).bundle.applications["a"]

    assert application is not None
    assert application.options == {"one": "hello"}
    assert application.annotations == {"two": "aGVsbG8="}


def test_application_of_a_kubernetes_bundle_has_the_series_kubernetes() -> None:
    """One that an overlay without the bundle's type adds has none."""
    base = f"bundle: kubernetes\n{BASE}"
    bundle = merged("applications: {c: {charm: z}}", base).bundle

    series = {name: body.series for name, body in bundle.applications.items() if body}
    assert series == {"a": "kubernetes", "b": "kubernetes", "c": ""}
