"""The checks of namespaces, workloads and claims, with an API that is a dictionary."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.verify_api import VerifyApi, by_name, live
from kubeflow_installer.releases.inventory import Inventory
from kubeflow_installer.verify import inventory_checks

INVENTORY = Inventory(
    "1.0",
    namespaces=("kubeflow", "istio-system"),
    workloads=(
        ("Deployment", "kubeflow", "centraldashboard"), ("StatefulSet", "kubeflow", "manager"),
        ("DaemonSet", "kube-system", "cni"), ("Deployment", "kubeflow", "spartakus"),
    ),
    claims=(("kubeflow", "mysql"), ("kubeflow", "minio")),
)  # fmt: skip
SPARTAKUS = ("Deployment", "kubeflow", "spartakus")


def workload(kind: str, namespace: str, name: str, ready: int = 1) -> dict[str, Any]:
    """Return a workload with one pod, ready or not."""
    status = {"observedGeneration": 1, "readyReplicas": ready}
    if kind == "DaemonSet":
        status |= {"desiredNumberScheduled": 1, "numberReady": ready}
    return live(kind, name, namespace, spec={"replicas": 1}, status=status)


def complete() -> list[dict[str, Any]]:
    """Return all objects that the inventory names."""
    objects = [
        live("Namespace", name, status={"phase": "Active"}) for name in INVENTORY.namespaces
    ]
    objects += [workload(*key) for key in INVENTORY.workloads]
    objects += [
        live("PersistentVolumeClaim", name, namespace, status={"phase": "Bound"})
        for namespace, name in INVENTORY.claims
    ]
    return objects


def checked(api: Any, *arguments: Any) -> dict[str, tuple[bool, str]]:
    """Return the checks by name."""
    return by_name(inventory_checks.checks(api, INVENTORY, *arguments))


def test_complete_release_passes_with_one_list_for_each_kind() -> None:
    api = VerifyApi(complete())
    assert checked(api) == {
        "namespaces": (True, "2 exist"),
        "workloads": (True, "4 ready"),
        "claims": (True, "2 bound"),
    }
    assert sorted(api.lists) == [
        "DaemonSet", "Deployment", "Namespace", "PersistentVolumeClaim", "StatefulSet",
    ]  # fmt: skip


def test_excluded_workload_may_be_missing() -> None:
    objects = [entry for entry in complete() if entry["metadata"]["name"] != "spartakus"]
    assert checked(VerifyApi(objects), [SPARTAKUS])["workloads"] == (True, "3 ready")
    missing = "Deployment kubeflow/spartakus is missing"
    assert checked(VerifyApi(objects))["workloads"] == (False, missing)


def test_problems_name_object_state_and_reason() -> None:
    objects = complete()
    objects[0]["status"] = {"phase": "Terminating"}
    del objects[1]
    objects[1]["status"]["readyReplicas"] = 0
    objects[-1]["status"] = {"phase": "Pending"}
    diagnosed = []

    def diagnose(_: Any, waiting: list[Any]) -> list[str]:
        diagnosed.extend(waiting)
        return ["centraldashboard's image cannot be pulled"]

    assert checked(VerifyApi(objects), (), diagnose) == {
        "namespaces": (False, "kubeflow is Terminating, istio-system is missing"),
        "workloads": (
            False,
            "Deployment kubeflow/centraldashboard has 0 of 1 ready;"
            " centraldashboard's image cannot be pulled",
        ),
        "claims": (False, "kubeflow/minio is Pending; the last event about minio"),
    }
    assert diagnosed == [("Deployment", "kubeflow", "centraldashboard")]


def test_missing_workloads_are_counted_and_not_diagnosed() -> None:
    """Three are named."""

    def diagnose(*_: Any) -> list[str]:
        pytest.fail("missing workloads have no pods to diagnose")

    checks = checked(VerifyApi([]), (), diagnose)
    assert checks["workloads"] == (
        False,
        "DaemonSet kube-system/cni is missing, Deployment kubeflow/centraldashboard is missing,"
        " Deployment kubeflow/spartakus is missing and 1 more",
    )
    assert checks["claims"][1] == "kubeflow/mysql is missing, kubeflow/minio is missing"
