"""The overview of a lab."""

from __future__ import annotations

from collections.abc import Callable

from ..cluster.access import ClusterAccess
from ..errors import LiveError
from ..kubeconfig.fetch import control_plane
from ..lab import Lab
from ..status.model import ModelStatus
from ..verify.nodes import node_channels
from ..wait.readiness import readiness
from .cluster import ObservedCluster, cluster_state, observe_cluster
from .kubeflow import kubeflow_url
from .machines import machine_rows
from .model import Overview
from .pools import pool_rows

# Opens the cluster of the lab.
OpenCluster = Callable[[], ClusterAccess]


def lab_overview(
    lab: Lab, status: ModelStatus, juju: str, open_cluster: OpenCluster | None
) -> Overview:
    """Return the overview of a lab.

    What the model shows is complete even if the cluster cannot be read.

    Args:
        lab: The lab.
        status: The status of its model.
        juju: The version of Juju.
        open_cluster: Opens the cluster; None for a lab without one.
    """
    observed, problem = _observe(lab, status, open_cluster) if open_cluster else (None, "")
    balancers = observed.load_balancers if observed else None
    return Overview(
        lab=lab.name,
        model=status.name,
        controller=status.controller,
        juju=juju,
        channel=", ".join(node_channels(lab)),
        machines=machine_rows(status),
        readiness=readiness(lab, status),
        cluster=cluster_state(observed, lab, status) if observed else None,
        cluster_problem=problem,
        pools=pool_rows(lab, balancers),
        kubeflow_url=kubeflow_url(lab, balancers or ()),
    )


def _observe(
    lab: Lab, status: ModelStatus, open_cluster: OpenCluster
) -> tuple[ObservedCluster | None, str]:
    """Return what was read from the cluster, or None and why it could not be read."""
    if not _has_working_control_plane(lab, status):
        return None, "no unit of the control plane runs yet"
    try:
        cluster = open_cluster()
        try:
            return observe_cluster(cluster), ""
        finally:
            cluster.close()
    except LiveError as error:
        return None, str(error)


def _has_working_control_plane(lab: Lab, status: ModelStatus) -> bool:
    """Return whether a unit of the control plane has an agent that can answer."""
    name = control_plane(lab)
    return any(
        unit.application == name and unit.agent.current in ("idle", "executing")
        for unit in status.units.values()
    )
