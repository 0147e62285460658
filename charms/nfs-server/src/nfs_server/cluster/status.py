"""The status of a cluster after everything was applied."""

from typing import NamedTuple

from labcharm.text import summarize
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState


class ClusterStatus(NamedTuple):
    """The unit's status with a cluster.

    Attributes:
        name: Juju's name of the status: active, waiting or blocked.
        message: The message.
    """

    name: str
    message: str


def read_status(cluster: ClusterStorage, desired: DesiredState, summary: str) -> ClusterStatus:
    """Return the status of a cluster.

    Args:
        cluster: The cluster.
        desired: What was applied.
        summary: The summary of the exports.
    """
    storage_class = desired.storage_class
    problem, refuses_claims = cluster.class_problem(storage_class)
    if refuses_claims:
        return ClusterStatus("blocked", problem)
    reasons = cluster.not_ready(desired)
    if reasons:
        return ClusterStatus("waiting", "; ".join([*reasons, summary]))
    default = " (default)" if storage_class.is_default else ""
    class_text = f"StorageClass {storage_class.name}{default}"
    parts = [summary, f"{class_text}, provisioner {desired.release.name}"]
    claims = cluster.classless_claims(storage_class)
    if claims:
        text = "create the StorageClass again before these claims are deleted"
        parts.insert(0, f"{text}: {summarize(claims)}")
    if problem:
        parts.insert(0, problem)
    return ClusterStatus("active", "; ".join(parts))
