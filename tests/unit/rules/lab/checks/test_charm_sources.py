"""Rules about where charms come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of


def test_charm_store_url_is_an_error_from_juju_3_on() -> None:
    """Earlier releases read such URLs, but the store is closed."""
    bundle = {"applications": {"a": {"charm": "cs:a-1"}}}

    assert paths_of(bundle_findings(bundle, Juju.V3_6), "BL041") == ["applications.a.charm"]
    assert paths_of(bundle_findings(bundle, Juju.V3_6), "BL119") == []
    assert [finding.id for finding in bundle_findings(bundle, Juju.V2_9)] == ["BL119"]


@pytest.mark.parametrize(
    ("charm", "juju", "is_reported"),
    [
        ("a", Juju.V2_6, True),
        ("a", Juju.V2_9, False),
        ("cs:~containers/etcd-378", Juju.V2_9, True),
        ("ch:a", Juju.V2_9, False),
        ("./a.charm", Juju.V2_6, False),
        ("local:a", Juju.V2_6, False),
        ("cs:<<", Juju.V2_6, False),
    ],
)
def test_charm_of_the_closed_store_is_reported(charm: str, juju: Juju, is_reported: bool) -> None:
    """Juju 2.6 knows no other store."""
    findings = bundle_findings({"applications": {"a": {"charm": charm}}}, juju)

    assert paths_of(findings, "BL119") == ["applications.a.charm"] * is_reported


def test_closed_store_is_ignored_where_the_lab_has_a_mirror(tmp_path: Path) -> None:
    """Otherwise there is one finding for each charm at the same key."""
    assert paths_of(assess_layer(tmp_path, {}).findings, "BL119") == []
    without = assess_layer(tmp_path, {"ignore": {"BL119": None}}).findings
    assert paths_of(without, "BL119") == ["kubernetes.profile"] * 6
    fixes = {finding.fix for finding in of_rule(without, "BL119")}
    assert all("write charms: {source: local, folder: charms} and put" in fix for fix in fixes)
