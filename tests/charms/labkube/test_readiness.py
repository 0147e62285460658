"""What the status of a live object says about its readiness."""

from __future__ import annotations

from typing import Any

import pytest

from labkube.inspect.readiness import (
    condition,
    has_condition,
    is_ready,
    load_balancer_entries,
    not_deleted_reason,
    not_ready_reason,
    phase_of,
)


def test_pod_is_ready_by_its_condition() -> None:
    def pod(status: str) -> dict[str, Any]:
        return {"status": {"conditions": [{"type": "Ready", "status": status}]}}

    assert is_ready(pod("True"))
    assert not is_ready(pod("False"))
    assert has_condition(pod("False"), "Ready", "False")
    assert condition(pod("True"), "PodScheduled") == {}


@pytest.mark.parametrize("live", [None, {}, {"status": None}, {"status": {"conditions": None}}])
def test_object_without_a_status_is_not_ready_and_has_no_phase(live: dict[str, Any]) -> None:
    assert not is_ready(live)
    assert phase_of(live, "missing") == "missing"
    assert load_balancer_entries(live) == []


def test_phase_and_addresses_are_read() -> None:
    service = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.9"}]}}}
    assert load_balancer_entries(service) == [{"ip": "10.0.0.9"}]
    assert phase_of({"status": {"phase": "Bound"}}) == "Bound"


def workload(kind: str, status: dict[str, Any], replicas: int = 2) -> dict[str, Any]:
    """Return a workload of the second generation."""
    metadata = {"name": "w", "generation": 2}
    return {"kind": kind, "metadata": metadata, "spec": {"replicas": replicas}, "status": status}


@pytest.mark.parametrize(
    ("live", "reason"),
    [
        (
            workload("Deployment", {"observedGeneration": 1, "readyReplicas": 2}),
            "is not observed by its controller yet",
        ),
        (workload("Deployment", {"observedGeneration": 2}), "has 0 of 2 ready"),
        (workload("StatefulSet", {"observedGeneration": 2, "readyReplicas": 2}), ""),
        (workload("DaemonSet", {}), "is not scheduled yet"),
        (
            workload("DaemonSet", {"observedGeneration": 2, "desiredNumberScheduled": 3}),
            "has 0 of 3 ready",
        ),
        ({"kind": "CustomResourceDefinition", "metadata": {}}, "is not established yet"),
        ({"kind": "ConfigMap", "metadata": {}}, ""),
    ],
)
def test_workload_says_why_it_is_not_ready(live: dict[str, Any], reason: str) -> None:
    assert not_ready_reason(live) == reason


def test_object_with_finalizers_says_what_holds_it() -> None:
    metadata = {"name": "w", "namespace": "ns", "finalizers": ["a/b", "c/d"]}
    held = {"kind": "ConfigMap", "metadata": metadata}
    assert not_deleted_reason(held) == "ConfigMap ns/w is held by its finalizers a/b, c/d"
    namespace = {"kind": "Namespace", "metadata": {"name": "ns"}, "spec": {"finalizers": ["k"]}}
    assert not_deleted_reason(namespace) == "Namespace ns is held by its finalizers k"
    assert not_deleted_reason(workload("Deployment", {})) == "Deployment w is not gone yet"
