"""The objects of a cluster, as far as botlab uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

GPU_RESOURCE = "nvidia.com/gpu"


@dataclass(frozen=True, slots=True)
class Node:
    """A node.

    Attributes:
        name: Its name.
        is_ready: Whether its kubelet reports that it can run pods.
        message: Why it is not ready; empty for a ready node.
        kubelet_version: The version of its kubelet, such as ``v1.35.2``.
        gpu_capacity: How many GPUs the device plugin has registered.
        gpu_allocatable: How many GPUs pods can use. An unhealthy GPU is not among them.
        is_schedulable: Whether new pods may start on it; False after ``kubectl cordon``.
        labels: Its labels.
        addresses: Its addresses and host names.
    """

    name: str
    is_ready: bool = False
    message: str = ""
    kubelet_version: str = ""
    gpu_capacity: int = 0
    gpu_allocatable: int = 0
    is_schedulable: bool = True
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        node: The node that it runs on; empty until it is scheduled.
        phase: ``Pending``, ``Running``, ``Succeeded``, ``Failed`` or ``Unknown``.
        problem: Why it does not run as it should; empty for a pod that runs or has succeeded.
        gpu_requests: How many GPUs it holds. A pod that has ended holds none.
    """

    namespace: str
    name: str
    node: str = ""
    phase: str = "Running"
    problem: str = ""
    gpu_requests: int = 0


@dataclass(frozen=True, slots=True)
class StorageClass:
    """A storage class.

    Attributes:
        name: Its name.
        provisioner: The provisioner that makes its volumes.
        is_default: Whether claims that name no class get this one.
    """

    name: str
    provisioner: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A service of the type ``LoadBalancer``.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        addresses: Its external addresses and host names; empty until it has one.
        tcp_ports: Its TCP ports.
    """

    namespace: str
    name: str
    addresses: tuple[str, ...] = ()
    tcp_ports: tuple[int, ...] = ()


def gpu_requests(pods: Sequence[Pod]) -> dict[str, int]:
    """Return how many GPUs the pods on each node hold, for the nodes with at least one."""
    requests: dict[str, int] = {}
    for pod in pods:
        if pod.node and pod.gpu_requests:
            requests[pod.node] = requests.get(pod.node, 0) + pod.gpu_requests
    return requests
