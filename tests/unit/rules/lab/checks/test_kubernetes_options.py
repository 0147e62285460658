"""Rules about the options of the Kubernetes charms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of


@pytest.mark.parametrize(
    ("options", "rule", "is_reported"),
    [
        ({"allow-privileged": "false"}, "BL049", True),
        ({}, "BL049", True),
        ({"allow-privileged": True}, "BL049", False),
        ({"authorization-mode": "AlwaysAllow"}, "BL048", True),
        ({"authorization-mode": "Node"}, "BL048", True),
        ({}, "BL048", False),
    ],
)
def test_control_plane_of_today_is_checked_with_its_own_defaults(
    options: dict[str, Any], rule: str, is_reported: bool
) -> None:
    """The message says what the fault means for Kubeflow."""
    charms = {
        "c": {"charm": "kubernetes-control-plane", "channel": "1.35/stable", "options": options},
        "k": {"charm": "./kubeflow-installer.charm"},
    }
    findings = of_rule(bundle_findings({"applications": charms}, Juju.V3_6), rule)

    assert len(findings) == is_reported
    assert all("Kubeflow" in finding.message for finding in findings)


def test_worker_of_2019_that_forbids_privileged_containers_is_reported() -> None:
    """Its default allows them."""
    applications = {
        "m": {"charm": "cs:kubernetes-master-542", "options": {"allow-privileged": "true"}},
        "w": {"charm": "cs:kubernetes-worker-398", "options": {"allow-privileged": "false"}},
        "v": {"charm": "cs:kubernetes-worker-398"},
    }
    findings = bundle_findings({"applications": applications})

    assert paths_of(findings, "BL049") == ["applications.w.options.allow-privileged"]


def test_key_of_the_site_that_sets_two_options_gives_one_finding(tmp_path: Path) -> None:
    """kubernetes.allow-privileged sets the options of the control plane and of the workers."""
    layer = {"kubernetes": {"allow-privileged": False}, "kubeflow": {"version": "0.6.2"}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL049")

    assert path_text(finding.path) == "kubernetes.allow-privileged"
    assert finding.message == (
        "allow-privileged of kubernetes-master is false, so Kubeflow is not installed"
    )
