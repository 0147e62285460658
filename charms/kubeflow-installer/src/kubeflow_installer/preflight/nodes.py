"""The check `nodes`: whether the cluster's nodes are as large as a release needs them."""

from fractions import Fraction
from typing import List, NamedTuple, Optional, Sequence, Set, Tuple

from kubeflow_installer.preflight.problems import Message
from kubeflow_installer.releases.table import Release
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.text import summarize
from labkube.inspect.quantity import parse_quantity
from labkube.inspect.readiness import is_ready

_GIB, _GB = 1024**3, 10**9
# Firmware, kernel and file system use a part of the hardware, so a machine of 16 GiB never
# reports as much: 3 to 4 % are missing from MemTotal, up to 5 % of an ext4 disk.
_REPORTED_SHARE = Fraction(95, 100)


class Requirements(NamedTuple):
    """What a release needs: CPU in cores, memory and disk in bytes.

    Attributes:
        cpu: Cores.
        memory: Bytes.
        disk: Bytes; 0 if upstream gives no figure.
        together: Whether all nodes together must have it; otherwise one node must have all of it.
    """

    cpu: Fraction
    memory: Fraction
    disk: Fraction
    together: bool


class Capacity(NamedTuple):
    """What a node has: CPU in cores, memory and disk in bytes; None where it does not report."""

    name: str
    cpu: Optional[Fraction]
    memory: Optional[Fraction]
    disk: Optional[Fraction]


def requirements(release: Release) -> Requirements:
    """Return what a release needs of nodes."""
    needs = release.nodes
    cpu, memory, disk = (Fraction(str(part)) for part in (needs.cpu, needs.memory, needs.disk))
    return Requirements(cpu, memory * _GIB, disk * _GB, not needs.per_node)


# Nodes that accept pods.


def schedulable(nodes: Sequence[JsonObject]) -> Tuple[List[JsonObject], List[str]]:
    """Return the nodes that accept pods, and why the other nodes do not."""
    accepting, reasons = [], []
    for node in nodes:
        reason = _unschedulable_reason(node)
        if reason:
            reasons.append(f"{node['metadata']['name']} {reason}")
        else:
            accepting.append(node)
    return accepting, reasons


def _unschedulable_reason(node: JsonObject) -> str:
    spec = node.get("spec") or {}
    if not is_ready(node):
        return "is not ready"
    if spec.get("unschedulable"):
        return "is cordoned"
    for taint in spec.get("taints") or []:
        if taint.get("effect") in ("NoSchedule", "NoExecute"):
            return f"has the taint {taint.get('key')}:{taint['effect']}"
    return ""


def capacity(node: JsonObject) -> Capacity:
    """Return a node's full capacity, including what its kubelet reserves."""
    reported = (node.get("status") or {}).get("capacity") or {}
    cpu, memory, disk = (
        _amount(reported, resource) for resource in ("cpu", "memory", "ephemeral-storage")
    )
    return Capacity(node["metadata"]["name"], cpu, memory, disk)


def _amount(reported: JsonObject, resource: str) -> Optional[Fraction]:
    try:
        return parse_quantity(str(reported[resource]))
    except (KeyError, ValueError):
        return None  # kubelets that cannot see their disk do not report it


def shortage(nodes: Sequence[JsonObject], needs: Requirements) -> str:
    """Describe what the nodes lack of what a release needs; empty if they have it."""
    accepting, reasons = schedulable(nodes)
    if not accepting:
        reason = summarize(reasons) if reasons else "there is no node at all"
        fix = "add a worker, or make a node ready"
        return Message(f"no node accepts pods: {reason}; {fix}", f"no node accepts pods; {fix}")
    capacities = [capacity(node) for node in accepting]
    if needs.together:
        capacities = [_total(capacities)]
    if any(_suffices(available, needs) for available in capacities):
        return ""
    return _describe_shortage(capacities, needs)


def _total(capacities: Sequence[Capacity]) -> Capacity:
    def total(amounts: Sequence[Optional[Fraction]]) -> Optional[Fraction]:
        reported = [amount for amount in amounts if amount is not None]
        return sum(reported, Fraction(0)) if len(reported) == len(amounts) else None

    return Capacity(
        f"all {len(capacities)} together",
        total([capacity.cpu for capacity in capacities]),
        total([capacity.memory for capacity in capacities]),
        total([capacity.disk for capacity in capacities]),
    )


def _suffices(available: Capacity, needs: Requirements) -> bool:
    """Return whether a capacity suffices; an amount that is not reported counts as enough."""
    minimum = (needs.cpu, needs.memory * _REPORTED_SHARE, needs.disk * _REPORTED_SHARE)
    amounts = (available.cpu, available.memory, available.disk)
    return all(amount is None or amount >= least for amount, least in zip(amounts, minimum))


def _describe_shortage(capacities: Sequence[Capacity], needs: Requirements) -> str:
    subject = (
        "the nodes that accept pods do not have"
        if needs.together
        else "no node that accepts pods has"
    )
    parts = [f"{float(needs.cpu):g} CPUs", f"{_size(needs.memory, _GIB, 'GiB')} of memory"]
    parts += [f"{_size(needs.disk, _GB, 'GB')} of disk"] if needs.disk else []
    required = f"{', '.join(parts[:-1])} and {parts[-1]}"
    available = [f"{capacity.name}: {_describe(capacity, needs)}" for capacity in capacities]
    message = f"{subject} {required} ({summarize(available)}); add a larger worker"
    return Message(message, "the nodes are too small (the log has the sizes); add a larger worker")


def _describe(available: Capacity, needs: Requirements) -> str:
    """Describe what a node has of the required resources."""
    parts = ["? CPUs" if available.cpu is None else f"{float(available.cpu):g} CPUs"]
    parts.append(_size(available.memory, _GIB, "GiB"))
    return ", ".join(parts + ([_size(available.disk, _GB, "GB")] if needs.disk else []))


def _size(amount: Optional[Fraction], unit: int, name: str) -> str:
    return f"? {name}" if amount is None else f"{float(amount / unit):.4g} {name}"


# The machine of this unit.


def local_node(machine: Machine, nodes: Sequence[JsonObject]) -> str:
    """Return the name of the node that this machine is; empty if it is not a node."""
    # Prints the addresses of all interfaces except loopback, on every release of Ubuntu.
    addresses = set(machine.run(["hostname", "-I"]).out.split())
    for node in nodes:
        if addresses & _internal_addresses(node):
            return str(node["metadata"]["name"])
    return ""


def _internal_addresses(node: JsonObject) -> Set[str]:
    addresses = (node.get("status") or {}).get("addresses") or []
    return {str(entry.get("address")) for entry in addresses if entry.get("type") == "InternalIP"}
