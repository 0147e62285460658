"""Writing bundles."""

from __future__ import annotations

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
