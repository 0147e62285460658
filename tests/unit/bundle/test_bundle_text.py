"""Reading and writing bundles."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab.bundle import BundleSource, parse_bundle, write_bundle
from botlab.errors import BotlabError
from botlab.findings import path_text
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

SECONDS = float(os.environ.get("BOTLAB_FUZZ_SECONDS", "3"))


def test_written_bundle_reads_back_the_same() -> None:
    """Writing what was read, and reading that, changes nothing; texts stay texts."""
    options = 'options: {v: "1.13", y: "yes"}'
    text = f"series: bionic\napplications:\n  a:\n    charm: cs:a-1\n    {options}\n"
    first = write_bundle(parse_bundle(BundleSource(text), Juju.V2_9).bundle)
    again = parse_bundle(BundleSource(first), Juju.V2_9).bundle

    assert write_bundle(again) == first
    assert again.applications["a"] is not None
    assert again.applications["a"].options == {"v": "1.13", "y": "yes"}


def test_type_error_names_key_and_line() -> None:
    """Juju's misleading words stand beside the real cause."""
    parsed = parse_bundle(
        BundleSource("applications:\n  a:\n    charm: x\n    to: y\n"), Juju.V2_9
    )

    assert [(f.id, path_text(f.path), f.line) for f in parsed.findings] == [
        ("BL002", "applications.a.to", 4)
    ]
    assert [f.message for f in juju_findings(parsed, Juju.V2_9)] == [
        "at least one application must be specified"
    ]


def test_overlay_adds_changes_and_removes() -> None:
    """Maps merge, null removes an application with its relations, relations are appended."""
    base = "applications: {a: {charm: a, options: {x: 1}}, b: {charm: b}}\nrelations: [[a, b]]"
    overlay = "applications: {a: {options: {y: 2}}, b: , c: {charm: c}}\nrelations: [[a, c]]"
    bundle = parse_bundle(
        BundleSource(base), Juju.V2_9, [BundleSource(overlay, "overlay.yaml")]
    ).bundle

    assert sorted(bundle.applications) == ["a", "c"]
    assert bundle.applications["a"] is not None
    assert bundle.applications["a"].options == {"x": 1, "y": 2}
    assert bundle.relations == [["a", "c"]]


@pytest.mark.parametrize(
    "text", ["a: [", "a: &x [*x]", "[" * 5000, "a: \x00", "\t- x", "!!python/none x: *y"]
)
def test_hostile_text_ends_in_one_error(text: str) -> None:
    """What is no YAML, or hides a trap, is one error of ours."""
    with pytest.raises(BotlabError):
        parse_bundle(BundleSource(text), Juju.V2_9)


def test_fuzz_leaves_no_other_exception() -> None:
    """Arbitrary text and odd mappings give findings or a BotlabError, nothing else."""
    end = time.monotonic() + SECONDS
    keys = st.sampled_from(
        ["applications", "machines", "relations", "a", "charm", "to", "num_units", "options", "<<"]
    )
    leaves = st.sampled_from(["x", "1", "~", "*a", "&a b", "[1", "{", "1e999", "0x", "lxd:0", "-"])
    pieces = st.lists(st.tuples(st.integers(0, 4), keys, leaves), max_size=12)

    @settings(
        max_examples=500,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(st.text(), pieces))
    def feed(drawn: str | list[tuple[int, str, str]]) -> None:
        if time.monotonic() > end:
            return
        text = drawn if isinstance(drawn, str) else _written(drawn)
        for juju in Juju:
            try:
                juju_findings(parse_bundle(BundleSource(text), juju), juju)
            except BotlabError:
                continue

    while time.monotonic() < end:
        feed()


def _written(pieces: list[tuple[int, str, str]]) -> str:
    return "\n".join(f"{'  ' * depth}{key}: {leaf}" for depth, key, leaf in pieces)


def test_included_files_stand_for_their_content(tmp_path: Path) -> None:
    """A value may name a file, from the file that names it; its content is what Juju reads."""
    (tmp_path / "cert.pem").write_text("PEM\n", encoding="utf-8")
    text = """
    applications:
      a:
        charm: cs:a-1
        options: {cert: "include-base64://cert.pem"}
        annotations: {note: "include-file://./cert.pem"}
    """

    bundle = parse_bundle(BundleSource(text, directory=str(tmp_path)), Juju.V2_9).bundle
    application = bundle.applications["a"]

    assert application is not None
    assert application.options == {"cert": "UEVNCg=="}
    assert application.annotations == {"note": "PEM\n"}


def test_a_file_that_is_not_there_is_refused_in_jujus_words() -> None:
    """The value, the application and the whole path are named (juju/charm v8 overlay.go)."""
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
