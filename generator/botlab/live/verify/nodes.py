"""The checks of the nodes: their number, their state and their version."""

from __future__ import annotations

from collections.abc import Sequence

from ...catalogue.kubernetes import Version, read_track, version_text
from ..advice import model_command
from ..cluster.model import Node
from ..lab import Lab
from ..status.model import ModelStatus, UnitStatus
from .commands import action_command
from .report import Check

# The charms whose units are nodes. The control plane of 2019 is none; since kubelet runs on it, it
# has the option register-with-taints (in the catalogue of charmed-k8s).
_NODE_CHARMS = ("kubernetes-worker", "kubernetes-control-plane", "k8s", "k8s-worker")


def nodes_check(nodes: Sequence[Node], lab: Lab, status: ModelStatus) -> Check:
    """Return the check that all nodes are ready, and as many as the units of the bundle.

    A bundle for a cluster that Juju does not manage has no such units, so only the state counts.
    """
    desired = {name: lab.applications[name].num_units for name in node_applications(lab)}
    problems = [
        f"node {node.name} is not ready: {node.message}" for node in nodes if not node.is_ready
    ]
    if desired and len(nodes) != sum(desired.values()):
        units = ", ".join(f"{number} of {name}" for name, number in desired.items())
        problems.append(
            f"the cluster has {len(nodes)} nodes, but the bundle has {sum(desired.values())} units"
            f" that are nodes ({units})"
        )
    if problems:
        advice = model_command(status, "status", *desired) if desired else "kubectl describe nodes"
        return Check("nodes", False, f"{'; '.join(problems)}; see {advice}")
    cordoned = [f"; {node.name} accepts no new pods" for node in nodes if not node.is_schedulable]
    return Check("nodes", True, f"{len(nodes)} of {len(nodes)} nodes are ready{''.join(cordoned)}")


def versions_check(nodes: Sequence[Node], server: str, lab: Lab, status: ModelStatus) -> Check:
    """Return the check that the API server and the nodes have the release of the channel.

    A charm can be active although its snap was not upgraded, so its status is no answer.

    Args:
        nodes: The nodes.
        server: The version of the API server.
        lab: The lab.
        status: The state of the lab's model.
    """
    name = "node-versions"
    channels = node_channels(lab)
    releases = {track for channel in channels if (track := read_track(channel))}
    if not releases:
        text = ", ".join(channels)
        reason = f"{text} names no release of Kubernetes" if text else "the bundle has no channel"
        return Check(name, True, f"not compared: {reason}")
    subjects = {"the API server": server}
    subjects |= {f"node {node.name}": node.kubelet_version for node in nodes}
    texts = " and ".join(version_text(release) for release in sorted(releases))
    wrong = [
        f"{subject} has {version or 'no version'}"
        for subject, version in subjects.items()
        if release_of(version) not in releases
    ]
    if wrong:
        return Check(
            name,
            False,
            f"the channel is for Kubernetes {texts}, but {', '.join(wrong)}; upgrade as the"
            " documentation of the charm says (for kubernetes-worker:"
            f" {action_command(lab.juju, status, 'UNIT', 'upgrade')})",
        )
    return Check(name, True, f"the API server and {len(nodes)} nodes have Kubernetes {texts}")


def node_applications(lab: Lab) -> list[str]:
    """Return the applications whose units are nodes, in the order of the bundle."""
    return [name for name in lab.applications if lab.charm_name(name) in _NODE_CHARMS]


def node_channels(lab: Lab) -> list[str]:
    """Return the channels of Kubernetes on the control plane and the nodes, each once.

    The charms of Charmed Kubernetes have an option for the snap's channel. The charms of Canonical
    Kubernetes install the snap of their own channel.
    """
    names = dict.fromkeys([*lab.control_planes, *node_applications(lab)])
    channels = dict.fromkeys(lab.facts.kubernetes_channel(name) for name in names)
    return [channel for channel in channels if channel]


def release_of(version: str) -> Version | None:
    """Return the release of a version such as ``v1.35.2+k8s1``."""
    return read_track(version.removeprefix("v"))


def node_of_unit(unit: UnitStatus, status: ModelStatus, nodes: Sequence[Node]) -> Node | None:
    """Return the node on the machine of a unit; None if there is none.

    The name of a node is the name of its host, or an address. Juju 2.6 gives no names of hosts.
    """
    machine = status.machines.get(unit.machine)
    names = {unit.public_address, *(machine.addresses if machine else ())}
    if machine and machine.hostname:
        names |= {machine.hostname, machine.hostname.partition(".")[0]}
    names.discard("")
    for node in nodes:
        if names & {node.name, node.name.partition(".")[0], *node.addresses}:
            return node
    return None
