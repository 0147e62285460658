"""Runs of the preflight checks on a real API server."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from helpers.kubeflow.cluster_objects import (
    manifest_of,
)
from helpers.kubeflow.cluster_state import (
    objects_of,
)
from kubeflow_installer.preflight.cluster_checks import ClusterChecks
from kubeflow_installer.preflight.load_balancer import NAME as PROBE
from kubeflow_installer.preflight.problems import Problem
from kubeflow_installer.releases.table import KFCTL
from labcharm.machine import CommandResult, Machine
from labkube.client.api import MERGE, Api

RELEASE = SimpleNamespace(
    name="1.0.2",
    method=KFCTL,
    nodes=SimpleNamespace(cpu=4, memory=12, disk=50, per_node=True),
    needs_projected_tokens=True,
)  # what the checks read of a Release


def inventory_of(**parts: Any) -> SimpleNamespace:
    """Return an inventory with only these names."""
    names = ("namespaces", "workloads", "claims", "definitions", "webhooks", "at_run_time")
    return SimpleNamespace(**{name: parts.get(name, ()) for name in names})


class FakeHost(Machine):
    """A machine with these addresses, whose files are below a directory."""

    def __init__(self, root: Path, *addresses: str) -> None:
        super().__init__(str(root))
        self._addresses = addresses

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Answer the only command that the checks run."""
        assert command == ["hostname", "-I"]
        return CommandResult(0, " ".join(self._addresses) + " \n", "")


def add_node(
    api: Api, name: str, *, is_ready: bool = True, address: str = "", **capacity: str
) -> None:
    """Create a node as its kubelet would; by patches, because controllers write to it too."""
    api.create(manifest_of("v1", "Node", name))
    # The server taints a node that has not reported yet that it is ready.
    api.patch(manifest_of("v1", "Node", name), {"spec": {"taints": None}})
    status = {
        "capacity": {key.replace("_", "-"): amount for key, amount in capacity.items()},
        "conditions": [{"type": "Ready", "status": str(is_ready)}],
        "addresses": [{"type": "InternalIP", "address": address}] if address else [],
    }
    api.request("PATCH", f"/api/v1/nodes/{name}/status", {"status": status}, MERGE)


def give_addresses(api: Api) -> None:
    """Assign an address to each waiting service."""
    for service in api.list("v1", "Service"):
        if service["spec"]["type"] == "LoadBalancer" and not service["status"]["loadBalancer"]:
            status = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.10"}]}}}
            api.request("PATCH", api.path_of(service) + "/status", status, MERGE)


def run_checks(
    api: Api,
    machine: Machine | None = None,
    inventory: Any = None,
    skipped: Any = (),
    needs: dict[str, Any] | None = None,
    **options: Any,
) -> list[Problem]:
    """Run the preflight checks for a release with some needs."""
    nodes = SimpleNamespace(**{**vars(RELEASE.nodes), **(needs or {})})
    release: Any = SimpleNamespace(**{**vars(RELEASE), "nodes": nodes, "title": "Kubeflow 1.0.2"})
    checks = ClusterChecks(
        api,
        objects_of(api),
        release,
        inventory or inventory_of(),
        machine or FakeHost(Path("/nowhere")),
        patience=1,
    )
    return checks.problems(skipped, **options)


def probe_names(api: Api) -> list[str]:
    """Return the names of services that the checks created."""
    return [
        service["metadata"]["name"]
        for service in api.list("v1", "Service")
        if service["metadata"]["name"].startswith(PROBE)
    ]
