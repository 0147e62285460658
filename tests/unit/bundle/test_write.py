"""Writing bundles."""

from __future__ import annotations

import json

import pytest

from botlab.bundle import BundleSource, parse_bundle, write_bundle
from botlab.juju import Juju


def test_written_bundle_is_read_back_unchanged() -> None:
    """Texts that look like other types stay texts."""
    options = 'options: {v: "1.13", y: "yes"}'
    text = f"series: bionic\napplications:\n  a:\n    charm: cs:a-1\n    {options}\n"
    written = write_bundle(parse_bundle(BundleSource(text), Juju.V2_9).bundle)
    bundle = parse_bundle(BundleSource(written), Juju.V2_9).bundle

    assert write_bundle(bundle) == written
    assert bundle.applications["a"] is not None
    assert bundle.applications["a"].options == {"v": "1.13", "y": "yes"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("caf\u00e9", "caf\u00e9"),
        ("a\u202eb", r'"a\u202Eb"'),
        ("a\u2028b", r'"a\Lb"'),
        ("a\x85b", r'"a\Nb"'),
        ("a\nb\x1b", r'"a\nb\e"'),
        ("\ufeffa", r'"\uFEFFa"'),
    ],
)
def test_unprintable_characters_are_written_as_escapes(text: str, written: str) -> None:
    """In values and keys. They are read back unchanged, and letters stay readable."""
    entry = {"charm": "cs:a-1", "options": {"k": text, text: "x"}}
    source = json.dumps({"series": "bionic", "applications": {"a": entry}})

    output = write_bundle(parse_bundle(BundleSource(source), Juju.V2_9).bundle)
    application = parse_bundle(BundleSource(output), Juju.V2_9).bundle.applications["a"]

    assert f"k: {written}\n" in output
    assert [line for line in output.split("\n") if not line.isprintable()] == []
    assert application is not None
    assert application.options == {"k": text, text: "x"}
