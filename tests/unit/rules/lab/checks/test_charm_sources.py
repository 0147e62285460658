"""Rules about where charms come from."""

from __future__ import annotations

from botlab.juju import Juju
from helpers.assessments import bundle_findings, paths_of


def test_charm_store_url_is_an_error_from_juju_3_on() -> None:
    """Earlier releases read such URLs."""
    bundle = {"applications": {"a": {"charm": "cs:a-1"}}}

    assert paths_of(bundle_findings(bundle, Juju.V3_6), "BL041") == ["applications.a.charm"]
    assert bundle_findings(bundle, Juju.V2_9) == []
