"""Rules about the entries of `workers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.assessments import assess_layer, of_rule, paths_of


@pytest.mark.parametrize(
    ("workers", "rules"),
    [
        ("a100", {}),
        ("A100", {"BL140": ["machines.node2.workers"]}),
        ("zzz", {"BL140": ["machines.node2.workers"], "BL142": ["workers.a100"]}),
        ("", {"BL142": ["workers.a100"]}),
    ],
)
def test_entry_that_a_machine_names_with_a_typing_error_is_reported_once(
    workers: str, rules: dict[str, list[str]], tmp_path: Path
) -> None:
    """At the machine, with the name that it means."""
    layer: dict[str, Any] = {
        "machines": {"node2": {"workers": workers}},
        "workers": {"a100": {"gpu-model": "A100"}},
    }
    findings = assess_layer(tmp_path, layer).findings

    found = {rule: paths_of(findings, rule) for rule in ("BL140", "BL142")}
    assert {rule: paths for rule, paths in found.items() if paths} == rules


@pytest.mark.parametrize(
    ("profile", "role", "fix"),
    [
        (
            "charmed-k8s",
            "control-plane",
            "write roles: [control-plane, worker], or remove the key",
        ),
        ("canonical-k8s", "etcd", "write roles: [etcd, worker], or remove the key workers"),
        (
            "canonical-k8s",
            "control-plane",
            "remove the key workers; pods run on the control plane",
        ),
    ],
)
def test_fix_does_not_put_a_worker_beside_a_control_plane_that_runs_pods(
    profile: str, role: str, fix: str, tmp_path: Path
) -> None:
    """Both would install the snap k8s (BL122)."""
    layer: dict[str, Any] = {
        "juju": "3.6",
        "kubernetes": {"profile": profile},
        "machines": {"node2": {"workers": "a100", "roles": [role]}},
        "workers": {"a100": {}},
    }
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL141")

    assert finding.fix.startswith(fix)
