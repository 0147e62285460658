"""The checks of the cluster, each of which only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..cluster.access import ClusterAccess, ClusterError
from ..lab import Lab
from ..parallel import call_all
from ..status.model import ModelStatus
from ..time_limits import Deadline
from .balancers import Probe, balancer_check
from .gpus import gpu_check
from .nodes import nodes_check, versions_check
from .pods import pods_check
from .report import Check
from .storage import storage_check

API_CHECK = "api"

Topic = Callable[[], list[Check]]


def cluster_checks(
    cluster: ClusterAccess, lab: Lab, status: ModelStatus, probe: Probe
) -> list[Check]:
    """Return the checks of a cluster.

    If its API does not answer, this is the only check.

    Args:
        cluster: The cluster.
        lab: The lab that it belongs to.
        status: The state of the lab's model.
        probe: Connects to an address of a load balancer.
    """
    try:
        version = cluster.version()
    except ClusterError as error:
        return [Check(API_CHECK, False, error.message)]

    def check_nodes() -> list[Check]:
        nodes = cluster.nodes()
        return [
            nodes_check(nodes, lab, status),
            versions_check(nodes, version, lab, status),
            gpu_check(nodes, lab, status),
        ]

    topics: dict[str, Topic] = {
        "nodes": check_nodes,
        "storage-class": lambda: [storage_check(cluster.storage_classes(), lab, status)],
        "load-balancer": lambda: [balancer_check(cluster, probe)],
        "pods": lambda: [pods_check(cluster.pods())],
    }
    api = Check(API_CHECK, True, f"{cluster.server} answers; its version is {version}")
    return [api, *_checks_of(topics)]


def _checks_of(topics: Mapping[str, Topic]) -> Iterator[Check]:
    """Yield the checks of all topics. An API that fails for a topic is its failed check."""
    outcomes = call_all(list(topics.values()), Deadline(None), limit=len(topics))
    for name, outcome in zip(topics, outcomes, strict=True):
        assert outcome is not None, "without a deadline, every call ends"
        try:
            yield from outcome.value()
        except ClusterError as error:
            yield Check(name, False, error.message)
