"""Fixes that use the keys of the file that was checked: a bundle, or a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule


@pytest.mark.parametrize(
    ("application", "fix"),
    [
        (
            {"charm": "cs:~containers/etcd"},
            "name the revision at the end of the URL (cs:~containers/etcd-N)",
        ),
        (
            {"charm": "etcd", "channel": "1.35/stable"},
            "name it (channel: 1.35/stable and revision: N; `juju info etcd` lists them)",
        ),
    ],
)
def test_revision_in_a_bundle_is_a_part_of_the_url_or_a_key(
    application: dict[str, Any], fix: str
) -> None:
    """As the store of the charm has it."""
    findings = bundle_findings({"applications": {"etcd": application}}, Juju.V2_9)

    assert [finding.fix for finding in of_rule(findings, "BL040")] == [fix]


def test_charms_of_a_site_without_revisions_have_the_same_fix(tmp_path: Path) -> None:
    """So they are printed as one finding."""
    layer = {"juju": "3.6", "kubernetes": {"profile": "charmed-k8s"}}
    findings = of_rule(assess_layer(tmp_path, layer).findings, "BL040")

    assert len(findings) == 7
    assert {finding.fix for finding in findings} == {
        "name the revisions that you have tested, in a file (charms: {revisions: FILE}) or for one"
        " application (charm: {charmhub: NAME, channel: CHANNEL, revision: N})"
    }


def test_second_control_plane_is_a_role_in_a_site_and_a_unit_in_a_bundle(tmp_path: Path) -> None:
    """Both have one control plane."""
    layer = {"machines": {"node1": {"roles": ["etcd"]}}}
    (of_site,) = of_rule(assess_layer(tmp_path, layer).findings, "BL021")
    bundle = {"applications": {"m": {"charm": "cs:kubernetes-master-542", "num_units": 1}}}
    (of_bundle,) = of_rule(bundle_findings(bundle), "BL021")

    assert of_site.fix == "give a second machine the role control-plane"
    assert of_bundle.fix == "use two units or more"
