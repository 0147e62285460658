"""Every failed check fits into the status with its cause and its fix."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kubeflow_installer.preflight import architecture, host_limits, images, nodes, storage_class
from kubeflow_installer.preflight.cluster_checks import ClusterChecks
from kubeflow_installer.preflight.load_balancer import Probe
from kubeflow_installer.preflight.problems import (
    SKIPPABLE_CHECKS,
    BlockingChecksError,
    Problem,
)
from kubeflow_installer.releases import inventory, table
from kubeflow_installer.sources import release_match
from kubeflow_installer.transform.site_images import SiteImages
from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.text import STATUS_LIMIT, shorten
from labkube.client.api import ApiError

CLASS = "storageclass.kubernetes.io/is-default-class"
LONG = "a-name-that-is-as-long-as-names-of-machines-are.lab.example"


class BrokenCluster:
    """A cluster on which every check fails, of a late version with long names of applications."""

    def __init__(self, defaults: int) -> None:
        self.defaults = defaults

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return (1, 34)

    def create(self, _: Any) -> Any:
        """Refuse the access."""
        return {"status": {"allowed": False}}

    def path_of(self, *_: Any, **__: Any) -> str:
        """Return a path."""
        return "/"

    def request(self, _: str, path: str, *__: Any, **___: Any) -> Any:
        """Answer discovery, and refuse the privileged Deployment."""
        if path == "/api/v1":
            return {"resources": []}
        raise ApiError(422, "Invalid", "disallowed by cluster policy")

    def get(self, reference: Any) -> Any:
        """Return a foreign object."""
        return reference

    def list(self, _: str, kind: str) -> list[Any]:
        """Return classes, a node that is too small, and foreign objects."""
        if kind == "StorageClass":
            defaults = {CLASS: "true"} if self.defaults else {}
            names = [f"{LONG}-{number}" for number in range(max(self.defaults, 1))]
            return [{"metadata": {"name": name, "annotations": defaults}} for name in names]
        if kind == "Node":
            return [node()]
        return [
            {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}
            for name in inventory.load("26.03").namespaces
        ]


def node() -> Any:
    """Return a small node of another architecture."""
    addresses = [{"type": "InternalIP", "address": "127.0.0.1"}]
    status = {
        "conditions": [{"type": "Ready", "status": "True"}], "addresses": addresses,
        "capacity": {"cpu": "1", "memory": "1Gi"}, "nodeInfo": {"architecture": "arm64"},
    }  # fmt: skip
    return {"metadata": {"name": LONG}, "spec": {}, "status": status}


def failures(directory: Path) -> Iterator[Problem]:
    """Yield failed checks of every kind."""
    for defaults in (0, 2):
        api: Any = BrokenCluster(defaults)
        objects: Any = SimpleNamespace(owns=lambda _: False)
        checks = ClusterChecks(
            api, objects, table.find("26.03"), inventory.load("26.03"), Machine(str(directory))
        )
        yield from checks.problems(skipped=["load-balancer"])
    cordoned = {**node(), "spec": {"unschedulable": True}}
    needs = nodes.requirements(table.find("26.03"))
    yield Problem("nodes", nodes.shortage([cordoned], needs))
    yield Problem("architecture", architecture.problems([node()], table.find("0.6.2"), ())[0])
    yield Problem("storage-class", storage_class.problems(SimpleNamespace(list=lambda *_: []))[0])  # type: ignore[arg-type]
    yield Problem("images", images.problems(inventory.load("0.6.2").images, SiteImages())[0])
    yield Problem("manifests", release_match.objects_mismatch([], "1.10.2", []))
    for problem in limits(directory):
        yield Problem("node-limits", problem)
    for event in ("", 'Failed to allocate IP for "default/probe": no available IPs'):
        yield Problem("load-balancer", unassigned(event))


def limits(directory: Path) -> list[str]:
    """Return the problems of a machine with the limits of a fresh one."""
    inotify = directory / "proc/sys/fs/inotify"
    inotify.mkdir(parents=True)
    for name in ("max_user_instances", "max_user_watches"):
        (inotify / name).write_text("128\n")
    profiles = directory / "sys/kernel/security/apparmor"
    profiles.mkdir(parents=True)
    (profiles / "profiles").write_text("/usr/sbin/mysqld (enforce)\n")
    return host_limits.problems(Machine(str(directory)))


def unassigned(event: str) -> str:
    """Return the problem of a service that gets no address."""
    events = {
        "items": [{"message": event, "involvedObject": {"name": "kubeflow-installer-probe"}}]
    }
    api: Any = SimpleNamespace(
        get=lambda _: None, version=lambda: (1, 34), delete=lambda _: True,
        request=lambda *_, **__: events if event else {"items": []},
    )  # fmt: skip
    objects: Any = SimpleNamespace(apply=lambda *_, **__: None, owns=lambda _: True)
    return Probe(api, objects, lambda _: None, 0).problems()[0]


@pytest.mark.parametrize("name", [*SKIPPABLE_CHECKS])
def test_failed_check_fits_into_the_status(tmp_path: Path, name: str) -> None:
    """Nothing is cut off, so that the fix is there."""
    problems = [problem for problem in failures(tmp_path) if problem.name == name]
    assert problems
    for problem in problems:
        summary = BlockingChecksError([problem]).summary
        assert summary.startswith(f"{name}: ")
        assert len(summary) <= STATUS_LIMIT, summary


def test_names_of_all_checks_fit_into_the_status_as_far_as_possible() -> None:
    problems = [Problem(name, "x") for name in SKIPPABLE_CHECKS]
    text = shorten(BlockingChecksError(problems).summary)
    assert len(text) <= STATUS_LIMIT
    assert text.startswith("11 checks failed: admin, storage-class, load-balancer, privileged, ")


def test_error_of_failed_checks_is_an_error_of_its_kind() -> None:
    error = BlockingChecksError([Problem("a", "b"), Problem("c", "d")])
    assert isinstance(error, BlockedError)
    assert str(error) == "a: b; c: d"
