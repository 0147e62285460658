"""The part of an overview that comes from the Kubernetes API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...catalogue.kubernetes import read_track
from ..cluster.access import ClusterAccess
from ..cluster.model import LoadBalancer, Node, Pod, StorageClass, gpu_requests
from ..lab import Lab
from ..status.model import ModelStatus
from ..verify.gpus import gpu_check
from ..verify.nodes import node_channels, nodes_check, release_of, versions_check
from ..verify.pods import pods_check
from ..verify.storage import storage_check
from .model import ClusterState, NodeRow


@dataclass(frozen=True, slots=True)
class ObservedCluster:
    """What was read from a cluster.

    Attributes:
        server: The URL of its API.
        version: The version of the API server.
        nodes: The nodes.
        pods: The pods.
        storage_classes: The storage classes.
        load_balancers: The services of the type LoadBalancer.
    """

    server: str
    version: str
    nodes: Sequence[Node] = ()
    pods: Sequence[Pod] = ()
    storage_classes: Sequence[StorageClass] = ()
    load_balancers: Sequence[LoadBalancer] = ()


def observe_cluster(cluster: ClusterAccess) -> ObservedCluster:
    """Read a cluster.

    Raises:
        ClusterError: When it cannot be read.
    """
    return ObservedCluster(
        cluster.server,
        cluster.version(),
        cluster.nodes(),
        cluster.pods(),
        cluster.storage_classes(),
        cluster.load_balancers(),
    )


def cluster_state(observed: ObservedCluster, lab: Lab, status: ModelStatus) -> ClusterState:
    """Return the state of a cluster, with the problems that the checks of ``verify`` find."""
    return ClusterState(
        observed.server,
        observed.version,
        tuple(_node_rows(observed, lab)),
        tuple((entry.name, entry.is_default) for entry in observed.storage_classes),
        tuple(_problems(observed, lab, status)),
    )


def _problems(observed: ObservedCluster, lab: Lab, status: ModelStatus) -> Iterator[str]:
    checks = (
        nodes_check(observed.nodes, lab, status),
        versions_check(observed.nodes, observed.version, lab, status),
        gpu_check(observed.nodes, lab, status),
        storage_check(observed.storage_classes, lab, status),
        pods_check(observed.pods),
    )
    return (check.message for check in checks if not check.is_ok)


def _node_rows(observed: ObservedCluster, lab: Lab) -> Iterator[NodeRow]:
    used = gpu_requests(observed.pods)
    releases = {read_track(channel) for channel in node_channels(lab)} - {None}
    for node in observed.nodes:
        release = release_of(node.kubelet_version)
        cordoned = "" if node.is_schedulable else "accepts no new pods (cordoned)"
        yield NodeRow(
            node.name,
            node.is_ready,
            node.kubelet_version,
            release in releases if releases else None,
            node.gpu_allocatable,
            used.get(node.name, 0),
            cordoned if node.is_ready else node.message,
        )
