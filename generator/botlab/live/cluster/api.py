"""The cluster behind the interface ``ClusterAccess``, through the package ``kubernetes``."""

from __future__ import annotations

from .access import ClusterAccess, ClusterError


def open_cluster(kubeconfig: str, source: str) -> ClusterAccess:
    """Return access to the cluster of a kubeconfig. No request is sent yet.

    Args:
        kubeconfig: The text of the kubeconfig.
        source: Where the text comes from, for messages.

    Raises:
        ClusterError: When the kubeconfig cannot be used.
    """
    del kubeconfig
    raise ClusterError(f"{source}: cannot be used")
