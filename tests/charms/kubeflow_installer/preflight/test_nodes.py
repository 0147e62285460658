"""The check `nodes`: what a release needs, compared with what the nodes have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubeflow_installer.preflight import nodes
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import NodeRequirements
from labcharm.machine import CommandResult, Machine


def node(
    name: str, cpu: str = "4", memory: str = "16Gi", disk: str | None = "100Gi", **spec: Any
) -> Any:
    """Return a node that is ready."""
    capacity = {"cpu": cpu, "memory": memory}
    if disk is not None:
        capacity["ephemeral-storage"] = disk
    addresses = [{"type": "InternalIP", "address": spec.pop("address", "192.0.2.1")}]
    conditions = [{"type": "Ready", "status": spec.pop("ready", "True")}]
    status = {"capacity": capacity, "conditions": conditions, "addresses": addresses}
    return {"metadata": {"name": name}, "spec": spec, "status": status}


def requirements(cpu: float, memory: float, disk: float, per_node: bool) -> nodes.Requirements:
    """Return the requirements of a release."""
    needs = NodeRequirements(cpu, memory, disk, per_node)
    return nodes.requirements(table.find("1.0.2")._replace(nodes=needs))


PER_NODE = requirements(cpu=4, memory=12, disk=50, per_node=True)
TOGETHER = requirements(cpu=4.4, memory=12.3, disk=65, per_node=False)
WITHOUT_DISK = nodes.requirements(table.find("1.10.2"))


@pytest.mark.parametrize(
    "cluster",
    [
        [node("a")],
        [node("a", cpu="1"), node("b")],
        # What firmware, kernel and file system leave of 12 GiB and of 50 GB.
        [node("a", memory="11.45Gi", disk="47.6G")],
        [node("a", disk=None)],
        [node("a", disk="unreadable")],
        [node("a", taints=[{"key": "gpu", "effect": "PreferNoSchedule"}])],
    ],
)
def test_one_node_is_large_enough(cluster: list[Any]) -> None:
    assert nodes.shortage(cluster, PER_NODE) == ""


@pytest.mark.parametrize(
    ("cluster", "available"),
    [
        ([node("a", cpu="3999m")], "(a: 3.999 CPUs, 16 GiB, 107.4 GB)"),
        ([node("a", memory="11.3Gi")], "(a: 4 CPUs, 11.3 GiB, 107.4 GB)"),
        ([node("a", disk="47G")], "(a: 4 CPUs, 16 GiB, 47 GB)"),
        ([node("a", cpu="2"), node("b", disk="1G")],
         "(a: 2 CPUs, 16 GiB, 107.4 GB, b: 4 CPUs, 16 GiB, 1 GB)"),
        ([node("a", cpu="2", disk=None)], "(a: 2 CPUs, 16 GiB, ? GB)"),
    ],
)  # fmt: skip
def test_no_node_is_large_enough(cluster: list[Any], available: str) -> None:
    """Two nodes that together have enough do not suffice either."""
    required = "no node that accepts pods has 4 CPUs, 12 GiB of memory and 50 GB of disk"
    assert nodes.shortage(cluster, PER_NODE) == f"{required} {available}; add a larger worker"


def test_nodes_together_are_large_enough() -> None:
    """The sum counts only the nodes that accept pods."""
    two = [node("a", cpu="2200m", memory="6.2Gi", disk="35Gi") for _ in range(2)]
    assert nodes.shortage(two, TOGETHER) == ""
    assert nodes.shortage([*two[:1], node("b", cpu="64", ready="Unknown")], TOGETHER) == (
        "the nodes that accept pods do not have 4.4 CPUs, 12.3 GiB of memory and 65 GB of disk"
        " (all 1 together: 2.2 CPUs, 6.2 GiB, 37.58 GB); add a larger worker"
    )
    assert nodes.shortage([two[0], node("b", disk=None)], TOGETHER) == ""


def test_claims_need_no_disk_of_nodes() -> None:
    """The 65 GB of the manifests releases are claims, which are on the storage server."""
    three = [node(name, cpu="8", memory="32Gi", disk="20G") for name in "abc"]
    assert nodes.shortage(three, WITHOUT_DISK) == ""
    assert nodes.shortage([node("a", memory="8Gi", disk="20G")], WITHOUT_DISK) == (
        "the nodes that accept pods do not have 4.4 CPUs and 12.3 GiB of memory"
        " (all 1 together: 4 CPUs, 8 GiB); add a larger worker"
    )


@pytest.mark.parametrize(
    ("closed", "reason"),
    [
        (node("a", ready="False"), "a is not ready"),
        (node("a", unschedulable=True), "a is cordoned"),
        (node("a", taints=[{"key": "gpu", "effect": "NoSchedule"}]),
         "a has the taint gpu:NoSchedule"),
        ({"metadata": {"name": "a"}}, "a is not ready"),
    ],
)  # fmt: skip
def test_no_node_accepts_pods(closed: Any, reason: str) -> None:
    fix = "add a worker, or make a node ready"
    assert nodes.shortage([closed], PER_NODE) == f"no node accepts pods: {reason}; {fix}"
    no_node = f"no node accepts pods: there is no node at all; {fix}"
    assert nodes.shortage([], PER_NODE) == no_node


class AddressedMachine(Machine):
    """A machine with these addresses."""

    def __init__(self, *addresses: str) -> None:
        super().__init__(str(Path("/nowhere")))
        self._addresses = addresses

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Print the addresses."""
        assert command == ["hostname", "-I"]
        return CommandResult(0, " ".join(self._addresses) + " \n", "")


def test_local_node_is_found_by_its_address() -> None:
    cluster = [node("a", address="192.0.2.1"), node("b", address="192.0.2.2")]
    assert nodes.local_node(AddressedMachine("fd00::1", "192.0.2.2"), cluster) == "b"
    assert nodes.local_node(AddressedMachine("192.0.2.22"), cluster) == ""
    assert nodes.local_node(AddressedMachine(), [{"metadata": {"name": "a"}}]) == ""
