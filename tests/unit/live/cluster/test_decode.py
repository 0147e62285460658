"""The API's JSON as typed objects."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.live.cluster.decode import (
    decode_load_balancer,
    decode_node,
    decode_pod,
    decode_storage_class,
)
from botlab.live.cluster.model import LoadBalancer, Node, Pod, StorageClass, gpu_requests
from botlab.live.cluster.namespaces import faulty_system_pods


def node(ready: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """Return a node with a condition Ready."""
    return {
        "metadata": {"name": "worker-1", "labels": {"gpu": "true"}},
        "spec": spec,
        "status": {
            "conditions": [{"type": "MemoryPressure", "status": "False"}, ready],
            "nodeInfo": {"kubeletVersion": "v1.35.2"},
            "capacity": {"cpu": "8", "nvidia.com/gpu": "4"},
            "allocatable": {"cpu": "8", "nvidia.com/gpu": "3"},
            "addresses": [
                {"type": "InternalIP", "address": "192.168.1.11"},
                {"type": "Hostname", "address": "worker-1"},
            ],
        },
    }


def test_ready_node_is_decoded() -> None:
    assert decode_node(node({"type": "Ready", "status": "True", "message": "fine"})) == Node(
        name="worker-1",
        is_ready=True,
        kubelet_version="v1.35.2",
        gpu_capacity=4,
        gpu_allocatable=3,
        labels={"gpu": "true"},
        addresses=("192.168.1.11", "worker-1"),
    )


@pytest.mark.parametrize("state", ["False", "Unknown"])
def test_node_that_is_not_ready_has_a_message(state: str) -> None:
    ready = {"type": "Ready", "status": state, "message": "Kubelet\nstopped"}

    decoded = decode_node(node(ready, unschedulable=True))

    assert (decoded.is_ready, decoded.message) == (False, "Kubelet stopped")
    assert not decoded.is_schedulable


def pod(phase: str, *containers: dict[str, Any], **status: Any) -> dict[str, Any]:
    """Return a pod."""
    statuses = {"phase": phase, "containerStatuses": list(containers), **status}
    return {
        "metadata": {"namespace": "kube-system", "name": "p"},
        "spec": {"nodeName": "worker-1", "containers": [{}]},
        "status": statuses,
    }


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """Return the status of a container that waits."""
    return {
        "name": "c",
        "ready": False,
        "state": {"waiting": {"reason": reason, "message": message}},
    }


READY = {"name": "c", "ready": True, "state": {"running": {}}}
UNREADY = {"name": "c", "ready": False, "state": {"running": {}}}
DONE = {"name": "c", "ready": False, "state": {"terminated": {"exitCode": 0}}}
CRASHED = {
    "name": "c",
    "ready": False,
    "state": {"terminated": {"exitCode": 1, "reason": "Error"}},
}
KILLED = {
    "name": "c",
    "ready": False,
    "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
}
ENDED_WITHOUT_A_REASON = {
    "name": "c", "ready": False, "state": {"terminated": {"exitCode": 1}}
}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (pod("Running", READY), ""),
        (pod("Running", READY, DONE), ""),
        (pod("Succeeded", DONE), ""),
        (pod("Failed", reason="Evicted"), ""),
        (pod("Running", UNREADY), "container c is not ready"),
        (pod("Running", CRASHED), "container c: Error"),
        (pod("Running", KILLED), "container c: OOMKilled"),
        (pod("Running", ENDED_WITHOUT_A_REASON), "container c: Error"),
        (
            pod("Running", READY, waiting("CrashLoopBackOff", "back-off 5m0s")),
            "container c: CrashLoopBackOff: back-off 5m0s",
        ),
        (pod("Pending", waiting("ImagePullBackOff")), "container c: ImagePullBackOff"),
        (
            pod(
                "Pending",
                waiting("PodInitializing"),
                initContainerStatuses=[waiting("ErrImagePull")],
            ),
            "container c: ErrImagePull",
        ),
        (
            pod(
                "Pending",
                conditions=[
                    {"type": "PodScheduled", "status": "False", "message": "0/3 nodes have GPUs"}
                ],
            ),
            "not scheduled: 0/3 nodes have GPUs",
        ),
        (pod("Pending"), "does not run yet"),
        (pod("Unknown"), "its node does not report"),
        (pod("Failed", reason="DeadlineExceeded"), "failed: DeadlineExceeded"),
        (pod("Failed"), "failed"),
    ],
)
def test_pod_has_its_problem(document: dict[str, Any], problem: str) -> None:
    assert decode_pod(document).problem == problem


def test_pod_that_is_being_deleted_has_no_problem() -> None:
    document = pod("Running", UNREADY)
    document["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"

    assert decode_pod(document).problem == ""


def container(**resources: dict[str, str]) -> dict[str, Any]:
    """Return a container with requests or limits."""
    return {"resources": resources}


def test_pod_holds_the_gpus_of_its_containers_or_of_the_first_ones() -> None:
    document = pod("Running", READY)
    document["spec"]["containers"] = [
        container(limits={"nvidia.com/gpu": "1"}),
        container(limits={"nvidia.com/gpu": "2"}, requests={"nvidia.com/gpu": "2"}),
        container(requests={"cpu": "4"}),
    ]
    assert decode_pod(document).gpu_requests == 3

    document["spec"]["initContainers"] = [container(limits={"nvidia.com/gpu": "4"})]
    assert decode_pod(document).gpu_requests == 4

    document["status"]["phase"] = "Succeeded"
    assert decode_pod(document).gpu_requests == 0


def test_gpus_are_counted_by_node() -> None:
    pods = [
        Pod("a", "1", node="n1", gpu_requests=1),
        Pod("a", "2", node="n1", gpu_requests=2),
        Pod("a", "3", node="n2"),
        Pod("a", "4", gpu_requests=8),
    ]
    assert gpu_requests(pods) == {"n1": 3}


@pytest.mark.parametrize("quantity", ["many", "1Gi", "-1", "٣", None, {}, "9" * 5000])
def test_quantity_that_is_no_number_counts_nothing(quantity: object) -> None:
    document = node({"type": "Ready", "status": "True"})
    document["status"]["allocatable"]["nvidia.com/gpu"] = quantity

    assert decode_node(document).gpu_allocatable == 0


@pytest.mark.parametrize(
    ("annotations", "is_default"),
    [
        ({"storageclass.kubernetes.io/is-default-class": "true"}, True),
        ({"storageclass.beta.kubernetes.io/is-default-class": "true"}, True),
        ({"storageclass.kubernetes.io/is-default-class": "false"}, False),
        (None, False),
    ],
)
def test_storage_class_knows_whether_it_is_the_default(
    annotations: object, is_default: bool
) -> None:
    document = {"metadata": {"name": "nfs", "annotations": annotations}, "provisioner": "p"}

    assert decode_storage_class(document) == StorageClass("nfs", "p", is_default)


def test_load_balancer_has_addresses_and_tcp_ports() -> None:
    document = {
        "metadata": {"namespace": "istio-system", "name": "gateway"},
        "spec": {
            "type": "LoadBalancer",
            "ports": [{"port": 53, "protocol": "UDP"}, {"port": 80}, {"port": 443}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": "192.168.1.240"}, {"hostname": "lb"}]}},
    }
    assert decode_load_balancer(document) == LoadBalancer(
        "istio-system", "gateway", ("192.168.1.240", "lb"), (80, 443)
    )


def test_service_of_another_type_is_no_load_balancer() -> None:
    assert decode_load_balancer({"spec": {"type": "ClusterIP"}}) is None


def test_faulty_pods_of_users_are_not_those_of_the_systems() -> None:
    pods = [
        Pod("kube-system", "a", problem="x"),
        Pod("nfs-client-provisioner-system", "a", problem="x"),
        Pod("kube-system", "b"),
        Pod("me", "c", problem="x"),
    ]

    assert faulty_system_pods(pods) == pods[:2]
