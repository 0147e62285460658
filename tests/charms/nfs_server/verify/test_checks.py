"""The checks of the server and of the cluster's storage, from what their parts report."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from helpers.nfs.defaults import STORAGE_CLASS
from labcharm.verify import Check
from labkube.apply.objects import Comparison
from nfs_server.verify.checks import server_checks, storage_checks

COMPLETE = Comparison(["a", "b"], [], [], [])


def cluster(
    reasons: list[str], problem: str, comparison: Comparison = COMPLETE, rivals: Any = ()
) -> Any:
    """Return a cluster's storage that reports this."""
    former = SimpleNamespace(deployments=lambda: list(rivals))
    return SimpleNamespace(
        former_provisioners=lambda storage_class: former,
        compare=lambda desired: comparison,
        not_ready=lambda desired: reasons,
        class_problem=lambda storage_class: (problem, []) if storage_class.name == "nfs" else None,
    )


def test_ready_storage_passes() -> None:
    checks = storage_checks(cluster([], ""), SimpleNamespace(storage_class=STORAGE_CLASS))  # type: ignore[arg-type]

    assert [check.ok for check in checks] == [True, True, True]
    assert checks[1:] == [
        Check("provisioner", True, "ready"),
        Check("default-class", True, "no other default StorageClass"),
    ]


def test_storage_fails_with_its_reasons() -> None:
    changed = Comparison(["a"], ["b"], [], [])
    parts = cluster(["Deployment x has 0 of 1 ready", "y"], "z is default too", changed)
    checks = storage_checks(parts, SimpleNamespace(storage_class=STORAGE_CLASS))  # type: ignore[arg-type]

    assert (checks[0].name, checks[0].ok) == ("objects", False)
    assert "b" in checks[0].message
    assert checks[1:] == [
        Check("provisioner", False, "Deployment x has 0 of 1 ready, y"),
        Check("default-class", False, "z is default too"),
    ]


def test_another_provisioner_of_the_same_name_fails() -> None:
    """Both would answer each claim."""
    rival = {"kind": "Deployment", "metadata": {"name": "helms", "namespace": "default"}}
    desired: Any = SimpleNamespace(storage_class=STORAGE_CLASS)
    checks = storage_checks(cluster([], "", rivals=[rival]), desired)

    message = "Deployment default/helms answers to the same provisioner name"
    assert checks[1] == Check("provisioner", False, message)


@pytest.mark.parametrize(("is_active", "message"), [(True, "runs"), (False, "does not run")])
def test_server_is_checked_with_its_exports(is_active: bool, message: str) -> None:
    server: Any = SimpleNamespace(
        service=SimpleNamespace(is_active=lambda: is_active),
        exports=SimpleNamespace(compare=lambda shares: Comparison(["/srv x"], [], [], [])),
    )
    checks = server_checks(server, [])

    assert checks[0] == Check("service", is_active, f"nfs-server {message}")
    assert [(check.name, check.ok) for check in checks[1:]] == [("exports", True)]
