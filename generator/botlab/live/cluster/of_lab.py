"""The cluster of a lab, through the kubeconfig that its control plane gives."""

from __future__ import annotations

from ..kubeconfig.fetch import fetch_kubeconfig, source_of_kubeconfig
from ..lab import Lab
from ..live_model import LiveModel
from .access import ClusterAccess
from .api import open_cluster


def open_lab_cluster(model: LiveModel, lab: Lab, seconds: float = 120) -> ClusterAccess:
    """Return access to the cluster of a lab. No request is sent to it yet.

    Args:
        model: The model of the lab.
        lab: The lab.
        seconds: How long to wait for the kubeconfig.

    Raises:
        LiveError: When the control plane gives no kubeconfig that can be used.
    """
    text = fetch_kubeconfig(model, lab, seconds)
    return open_cluster(text, source_of_kubeconfig(lab))
