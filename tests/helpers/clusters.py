"""A cluster in memory, for tests of what reads one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from botlab.live.cluster.access import ClusterError
from botlab.live.cluster.model import LoadBalancer, Node, Pod, StorageClass
from botlab.live.lab import Lab
from botlab.live.status.model import ModelStatus
from botlab.live.verify.nodes import node_applications
from helpers.fake_apis.scripted_api import Answer

T = TypeVar("T")


@dataclass
class FakeCluster:
    """A :class:`~botlab.live.cluster.access.ClusterAccess` in memory.

    Attributes:
        faults: The errors that methods raise, by the name of the method.
    """

    server: str = "https://192.168.1.10:6443"
    release: str = "v1.35.2"
    node_list: list[Node] = field(default_factory=list[Node])
    pod_list: list[Pod] = field(default_factory=list[Pod])
    classes: list[StorageClass] = field(default_factory=list[StorageClass])
    balancers: list[LoadBalancer] = field(default_factory=list[LoadBalancer])
    faults: dict[str, ClusterError] = field(default_factory=dict[str, ClusterError])
    is_closed: bool = False

    def close(self) -> None:
        """Record that the connection ended."""
        self.is_closed = True

    def version(self) -> str:
        """Return the version, or raise the error."""
        return self._answer("version", self.release)

    def nodes(self) -> list[Node]:
        """Return the nodes, or raise the error."""
        return self._answer("nodes", self.node_list)

    def pods(self) -> list[Pod]:
        """Return the pods, or raise the error."""
        return self._answer("pods", self.pod_list)

    def storage_classes(self) -> list[StorageClass]:
        """Return the storage classes, or raise the error."""
        return self._answer("storage_classes", self.classes)

    def load_balancers(self) -> list[LoadBalancer]:
        """Return the load balancers, or raise the error."""
        return self._answer("load_balancers", self.balancers)

    def _answer(self, method: str, answer: T) -> T:
        if method in self.faults:
            raise self.faults[method]
        return answer


def healthy_cluster(lab: Lab, status: ModelStatus) -> FakeCluster:
    """Return the cluster of a lab in which everything is as it should be."""
    names = node_applications(lab)
    machines = {unit.machine for unit in status.units.values() if unit.application in names}
    gpu_machines = set(lab.gpu_machines.values())
    nodes = [
        Node(
            f"host-{machine}",
            is_ready=True,
            kubelet_version="v1.35.2",
            gpu_capacity=2 * (machine in gpu_machines),
            gpu_allocatable=2 * (machine in gpu_machines),
            addresses=(f"192.168.1.1{machine}", f"host-{machine}"),
        )
        for machine in sorted(machines)
    ]
    return FakeCluster(
        node_list=nodes,
        pod_list=[Pod("kube-system", "coredns-0"), Pod("default", "users", problem="is broken")],
        classes=[StorageClass("nfs", "cluster.local/nfs", is_default=True)],
        balancers=[LoadBalancer("istio-system", "gateway", ("192.168.1.240",), (443,))],
    )


def answers_of(cluster: FakeCluster) -> dict[str, Answer]:
    """Return the answers of an API server for a cluster, by path."""
    lists = {
        "/api/v1/nodes": [_node(node) for node in cluster.node_list],
        "/api/v1/pods": [_pod(pod) for pod in cluster.pod_list],
        "/api/v1/services": [_service(balancer) for balancer in cluster.balancers],
        "/apis/storage.k8s.io/v1/storageclasses": [_class(entry) for entry in cluster.classes],
    }
    documents: dict[str, Any] = {path: {"items": items} for path, items in lists.items()}
    documents["/version"] = {"gitVersion": cluster.release}
    return {path: _answer(document) for path, document in documents.items()}


def _answer(document: Any) -> Answer:
    return lambda _: (200, document)


def _node(node: Node) -> dict[str, Any]:
    gpus = {"nvidia.com/gpu": str(node.gpu_allocatable)}
    return {
        "metadata": {"name": node.name},
        "status": {
            "conditions": [{"type": "Ready", "status": str(node.is_ready)}],
            "nodeInfo": {"kubeletVersion": node.kubelet_version},
            "capacity": gpus,
            "allocatable": gpus,
            "addresses": [{"address": address} for address in node.addresses],
        },
    }


def _pod(pod: Pod) -> dict[str, Any]:
    state = {"waiting": {"reason": pod.problem}} if pod.problem else {}
    container = {"name": "c", "ready": not pod.problem, "state": state}
    metadata = {"namespace": pod.namespace, "name": pod.name}
    return {
        "metadata": metadata,
        "status": {"phase": pod.phase, "containerStatuses": [container]},
    }


def _service(balancer: LoadBalancer) -> dict[str, Any]:
    addresses = [{"ip": address} for address in balancer.addresses]
    return {
        "metadata": {"namespace": balancer.namespace, "name": balancer.name},
        "spec": {"type": "LoadBalancer", "ports": [{"port": port} for port in balancer.tcp_ports]},
        "status": {"loadBalancer": {"ingress": addresses}},
    }


def _class(entry: StorageClass) -> dict[str, Any]:
    annotations = {"storageclass.kubernetes.io/is-default-class": str(entry.is_default).lower()}
    return {"metadata": {"name": entry.name, "annotations": annotations}}
