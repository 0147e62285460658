"""The rule about names of series that Juju does not know."""

from __future__ import annotations

import pytest

from botlab.juju import Juju
from helpers.assessments import bundle_findings, of_rule, paths_of


@pytest.mark.parametrize(("name", "proposal"), [("jamy", "jammy"), ("boinic", "bionic")])
def test_similar_series_is_proposed(name: str, proposal: str) -> None:
    """At every key that Juju's client does not check."""
    local = {"charm": "./x", "series": name, "num_units": 1, "to": ["0"]}
    bundle = {"series": name, "applications": {"a": local}, "machines": {"0": {"series": name}}}
    findings = bundle_findings(bundle)

    paths = ["series", "applications.a.series", "machines.0.series"]
    assert paths_of(findings, "BL101") == paths
    assert {finding.fix for finding in of_rule(findings, "BL101")} == {f"did you mean {proposal}?"}


def test_series_that_juju_refuses_itself_is_not_reported() -> None:
    """Juju 2.9 checks an application of a store, and 3.6 every series."""
    bundle = {"applications": {"a": {"charm": "x", "series": "jamy"}}}

    assert paths_of(bundle_findings(bundle, Juju.V2_9), "BL101") == []
    assert paths_of(bundle_findings(bundle, Juju.V2_6), "BL101") == ["applications.a.series"]
    assert paths_of(bundle_findings({"series": "jamy", **bundle}, Juju.V3_6), "BL101") == []


def test_known_series_is_not_reported() -> None:
    """Old, recent and foreign ones."""
    for series in ("precise", "noble", "questing", "centos7", "win2012", "kubernetes", ""):
        bundle = {"series": series, "applications": {"a": {"charm": "x"}}}
        assert paths_of(bundle_findings(bundle), "BL101") == []
