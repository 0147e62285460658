"""Include directives."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.bundle import BundleSource, ParsedBundle, parse_bundle
from botlab.bundle.includes import Include
from botlab.findings import KeyPath, path_text
from botlab.juju import Juju


def test_include_directives_are_replaced_by_the_content_of_their_files(tmp_path: Path) -> None:
    """A relative path starts at the directory of the bundle."""
    (tmp_path / "cert.pem").write_text("PEM\n", encoding="utf-8")
    text = """
    applications:
      a:
        charm: cs:a-1
        options: {cert: "include-base64://cert.pem"}
        annotations: {note: "include-file://./cert.pem"}
    """

    source = BundleSource(text, directory=str(tmp_path))
    parsed = parse_bundle(source, Juju.V2_9)
    application = parsed.bundle.applications["a"]

    assert application is not None
    assert application.options == {"cert": "UEVNCg=="}
    assert application.annotations == {"note": "PEM\n"}
    file, keys = f"{tmp_path}/cert.pem", ("applications", "a")
    assert parsed.includes == {
        (*keys, "options", "cert"): [Include(file, False, True, "UEVNCg==")],
        (*keys, "annotations", "note"): [Include(file, False, False, "PEM\n")],
    }


def test_missing_file_is_refused_with_the_message_of_juju() -> None:
    """The message names the value, the application and the path (juju/charm v8 overlay.go)."""
    text = "applications: {a: {charm: cs:a-1, options: {cert: 'include-file://no.pem'}}}"
    parsed = parse_bundle(BundleSource(text, directory="/nowhere"), Juju.V2_9)

    assert parsed.is_refused
    assert [(f.id, path_text(f.path), f.message) for f in parsed.findings] == [
        (
            "J007",
            "applications.a.options.cert",
            'processing option "cert" for application "a": resolving include "no.pem": include'
            ' file "/nowhere/no.pem" not found',
        )
    ]


def files_of(parsed: ParsedBundle) -> dict[KeyPath, list[str]]:
    """Return the names of the included files, by the key paths of the values."""
    includes = parsed.includes.items()
    return {path: [include.file for include in files] for path, files in includes}


@pytest.mark.parametrize(("juju", "reads_base"), [(Juju.V2_6, False), (Juju.V2_9, True)])
def test_files_are_remembered_whose_values_a_later_overlay_replaces(
    tmp_path: Path, juju: Juju, *, reads_base: bool
) -> None:
    """Juju reads them nevertheless. Juju 2.6 reads those of the base after it has merged."""
    for name in ("base", "first", "second"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    base = "applications: {a: {charm: cs:a-1, options: {cert: 'include-file://base'}}}"
    overlays = [
        BundleSource(f"applications: {{a: {{options: {{cert: '{value}'}}}}}}", name, str(tmp_path))
        for name, value in (
            ("1", "include-file://first"),
            ("2", "include-file://second"),
            ("3", "plain"),
        )
    ]
    parsed = parse_bundle(BundleSource(base, directory=str(tmp_path)), juju, overlays)

    names = [*(["base"] if reads_base else []), "first", "second"]
    files = [f"{tmp_path}/{name}" for name in names]
    assert files_of(parsed) == {("applications", "a", "options", "cert"): files}
    application = parsed.bundle.applications["a"]
    assert application is not None
    assert application.options == {"cert": "plain"}


def test_files_are_remembered_for_juju_2_6_too(tmp_path: Path) -> None:
    """It reads those of an overlay from the directory of the overlay, while it merges."""
    for name in ("base.pem", "sub/overlay.pem"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    base = """
    applications:
      a: {charm: cs:a-1, options: {cert: "include-file://base.pem"}}
    """
    overlay = "applications: {a: {options: {key: 'include-file://overlay.pem'}}}"
    source = BundleSource(base, directory=str(tmp_path))
    overlays = [BundleSource(overlay, directory=str(tmp_path / "sub"))]
    parsed = parse_bundle(source, Juju.V2_6, overlays)

    keys = ("applications", "a", "options")
    assert files_of(parsed) == {
        (*keys, "key"): [f"{tmp_path}/sub/overlay.pem"],
        (*keys, "cert"): [f"{tmp_path}/base.pem"],
    }
    assert parsed.bundle.applications["a"].options == {
        "cert": "base.pem",
        "key": "sub/overlay.pem",
    }
