"""What kfctl's releases offer to every pod of the cluster is closed by NetworkPolicies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.kubeflow.manifests import deployment, manifest
from helpers.kubeflow.memory_lab import KfctlStandin, MemoryLab, kfctl_files
from kubeflow_installer.transform import access_management

KIND = ("networking.k8s.io/v1", "NetworkPolicy")


def lab_with_kfam(
    directory: Path, kfctl: KfctlStandin, monkeypatch: pytest.MonkeyPatch
) -> MemoryLab:
    """Return a cluster where kfctl makes the programs of the profiles."""
    objects = kfctl.objects
    programs = [deployment("profiles-deployment"), deployment("mysql"), deployment("katib-db")]
    monkeypatch.setattr(kfctl, "objects", lambda job: [*objects(job), *programs])
    lab = MemoryLab(directory, (1, 13), kfctl_files(directory))
    kinds = lab.api.kinds
    monkeypatch.setattr(lab.api, "kinds", lambda: [*kinds(), KIND])
    return lab


def test_only_the_dashboard_reaches_kfam_and_only_kubeflow_the_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = lab_with_kfam(tmp_path, KfctlStandin(monkeypatch), monkeypatch)
    lab.hook()
    spec: Any = lab.require("NetworkPolicy", "profiles-deployment", "kubeflow")["spec"]
    template = lab.require("Deployment", "profiles-deployment", "kubeflow")["spec"]["template"]
    assert spec["podSelector"] == {"matchLabels": template["metadata"]["labels"]}
    assert spec["policyTypes"] == ["Ingress"]
    source = {"podSelector": {"matchLabels": {"app": "centraldashboard"}}}
    assert spec["ingress"] == [{"from": [source]}]
    for name in ("mysql", "katib-db"):  # only from the namespace itself
        database: Any = lab.require("NetworkPolicy", name, "kubeflow")["spec"]
        assert database["ingress"] == [{"from": [{"podSelector": {}}]}]
    lab.api.writes.clear()
    lab.hook()
    assert lab.api.writes == []


def test_release_without_these_programs_needs_no_policy() -> None:
    objects = [manifest("v1", "Namespace", "kubeflow"), deployment("mysql", "elsewhere")]
    assert access_management.policies(objects) == []
