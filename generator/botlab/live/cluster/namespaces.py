"""The namespaces in which the systems of a lab run. Pods of users are not botlab's business."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Pod

SYSTEM_NAMESPACES = frozenset(
    (
        "auth",
        "cert-manager",
        "ingress-nginx-kubernetes-worker",
        "istio-system",
        "knative-eventing",
        "knative-serving",
        "kube-system",
        "kubeflow",
        "kubernetes-dashboard",
        "metallb-system",
        "nfs-client-provisioner-system",
        "oauth2-proxy",
    )
)


def faulty_system_pods(pods: Sequence[Pod]) -> list[Pod]:
    """Return the pods of the systems that do not run as they should."""
    return [pod for pod in pods if pod.problem and pod.namespace in SYSTEM_NAMESPACES]
