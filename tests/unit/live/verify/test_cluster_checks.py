"""The checks of the cluster."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from botlab.assessment import Request, assess
from botlab.live.cluster.access import ClusterError
from botlab.live.cluster.model import Node, Pod, StorageClass
from botlab.live.lab import Lab, lab_of
from botlab.live.status.model import ModelStatus
from botlab.live.verify.balancers import Reach
from botlab.live.verify.cluster import cluster_checks
from botlab.live.verify.report import Check
from helpers.clusters import FakeCluster, healthy_cluster
from helpers.live_models import ready_status, with_machine, without_units

EXAMPLES = Path(__file__).parents[4] / "examples"


def lab_of_example(name: str) -> Lab:
    """Return the lab of an example."""
    return lab_of(assess(Request(EXAMPLES / name / "site.yaml")), "site")


@pytest.fixture(scope="module")
def lab() -> Lab:
    """Return the lab of today's example."""
    return lab_of_example("modern")


@pytest.fixture
def status(lab: Lab) -> ModelStatus:
    """Return the status of a model in which the lab is ready."""
    return ready_status(lab)


@pytest.fixture
def cluster(lab: Lab, status: ModelStatus) -> FakeCluster:
    """Return the healthy cluster of the lab."""
    return healthy_cluster(lab, status)


def answers(address: str, port: int) -> Reach:
    """Answer every connection."""
    del address, port
    return Reach.ANSWERED


def checks(cluster: FakeCluster, lab: Lab, status: ModelStatus) -> dict[str, Check]:
    """Return the checks by name."""
    return {check.name: check for check in cluster_checks(cluster, lab, status, answers)}


def changed(nodes: list[Node], name: str, **changes: Any) -> list[Node]:
    """Return nodes with a changed one."""
    return [dataclasses.replace(node, **changes) if node.name == name else node for node in nodes]


def test_healthy_cluster_passes_all_checks(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    assert cluster_checks(cluster, lab, status, answers) == [
        Check("api", True, "https://192.168.1.10:6443 answers; its version is v1.35.2"),
        Check("nodes", True, "4 of 4 nodes are ready"),
        Check("node-versions", True, "the API server and 4 nodes have Kubernetes 1.35"),
        Check("gpus", True, "allocatable nvidia.com/gpu: host-4: 2"),
        Check("storage-class", True, "the default storage class is nfs"),
        Check("load-balancer", True, "istio-system/gateway at 192.168.1.240:443 answers"),
        Check("pods", True, "all 1 pods of the systems run or have succeeded"),
    ]


def test_api_that_does_not_answer_is_the_only_check(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.faults["version"] = ClusterError("https://x: cannot be reached")

    assert cluster_checks(cluster, lab, status, answers) == [
        Check("api", False, "https://x: cannot be reached")
    ]


@pytest.mark.parametrize(
    ("method", "name", "number"),
    [
        ("nodes", "nodes", 5),
        ("pods", "pods", 7),
        ("storage_classes", "storage-class", 7),
        ("load_balancers", "load-balancer", 7),
    ],
)
def test_request_that_fails_is_the_failed_check_of_its_topic(
    cluster: FakeCluster, lab: Lab, status: ModelStatus, method: str, name: str, number: int
) -> None:
    cluster.faults[method] = ClusterError("https://x: answers with status 403")

    result = checks(cluster, lab, status)

    assert result[name] == Check(name, False, "https://x: answers with status 403")
    assert len(result) == number
    assert [check.name for check in result.values() if not check.is_ok] == [name]


def test_node_that_is_not_ready_is_named(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.node_list = changed(
        cluster.node_list, "host-3", is_ready=False, message="Kubelet stopped posting node status."
    )
    assert checks(cluster, lab, status)["nodes"] == Check(
        "nodes",
        False,
        "node host-3 is not ready: Kubelet stopped posting node status.; see juju status"
        " kubernetes-control-plane kubernetes-worker -m ctrl:modern",
    )


@pytest.mark.parametrize("number", [3, 5])
def test_nodes_are_as_many_as_the_units_of_the_bundle(
    cluster: FakeCluster, lab: Lab, status: ModelStatus, number: int
) -> None:
    cluster.node_list = [*cluster.node_list, Node("more", is_ready=True)][:number]

    assert checks(cluster, lab, status)["nodes"] == Check(
        "nodes",
        False,
        f"the cluster has {number} nodes, but the bundle has 4 units that are nodes (2 of"
        " kubernetes-control-plane, 2 of kubernetes-worker); see juju status"
        " kubernetes-control-plane kubernetes-worker -m ctrl:modern",
    )


def test_node_that_accepts_no_pods_is_named(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.node_list = changed(cluster.node_list, "host-3", is_schedulable=False)

    assert checks(cluster, lab, status)["nodes"] == Check(
        "nodes", True, "4 of 4 nodes are ready; host-3 accepts no new pods"
    )


def test_nodes_of_an_existing_cluster_are_not_counted() -> None:
    """Juju manages none of them, so the bundle does not say how many there are."""
    lab = lab_of_example("existing-cluster")
    cluster = FakeCluster(node_list=[Node("a", is_ready=True), Node("b", is_ready=True)])

    result = checks(cluster, lab, ready_status(lab))

    assert result["nodes"] == Check("nodes", True, "2 of 2 nodes are ready")
    assert result["node-versions"] == Check(
        "node-versions", True, "not compared: the bundle has no channel"
    )
    assert result["gpus"].is_ok


def test_node_of_an_existing_cluster_that_is_not_ready_is_named() -> None:
    lab = lab_of_example("existing-cluster")
    cluster = FakeCluster(node_list=[Node("a", is_ready=False, message="no network")])

    assert checks(cluster, lab, ready_status(lab))["nodes"] == Check(
        "nodes", False, "node a is not ready: no network; see kubectl describe nodes"
    )


def test_control_plane_of_2019_is_no_node() -> None:
    lab = lab_of_example("botlab")
    status = ready_status(lab)
    cluster = healthy_cluster(lab, status)

    result = checks(cluster, lab, status)

    assert result["nodes"].message == "3 of 3 nodes are ready"
    assert result["node-versions"].message == (
        "the channel is for Kubernetes 1.13, but the API server has v1.35.2, node host-1 has"
        " v1.35.2, node host-2 has v1.35.2, node host-3 has v1.35.2; upgrade as the documentation"
        " of the charm says (for kubernetes-worker: juju run-action UNIT upgrade -m"
        " ctrl:botlab --wait)"
    )


def test_node_with_another_release_than_the_channel_fails(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    """Its charm is active all the same."""
    cluster.node_list = changed(cluster.node_list, "host-4", kubelet_version="v1.34.3")

    assert checks(cluster, lab, status)["node-versions"] == Check(
        "node-versions",
        False,
        "the channel is for Kubernetes 1.35, but node host-4 has v1.34.3; upgrade as the"
        " documentation of the charm says (for kubernetes-worker: juju run UNIT upgrade -m"
        " ctrl:modern)",
    )


def test_server_with_another_release_than_the_channel_fails(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.release = "v1.36.0"

    assert not checks(cluster, lab, status)["node-versions"].is_ok


def test_release_of_a_channel_without_a_number_is_not_compared(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    applications = dict(lab.bundle.applications)
    for name in ("kubernetes-control-plane", "kubernetes-worker"):
        application = applications[name]
        assert application is not None
        options = {**application.options, "channel": "latest/edge"}
        applications[name] = dataclasses.replace(application, options=options)
    edge = dataclasses.replace(
        lab, bundle=dataclasses.replace(lab.bundle, applications=applications)
    )

    assert checks(cluster, edge, status)["node-versions"] == Check(
        "node-versions", True, "not compared: latest/edge names no release of Kubernetes"
    )


def test_gpu_machine_whose_node_offers_no_gpu_is_named(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.node_list = changed(cluster.node_list, "host-4", gpu_capacity=0, gpu_allocatable=0)

    assert checks(cluster, lab, status)["gpus"] == Check(
        "gpus",
        False,
        "machine gpu0: node host-4 offers no nvidia.com/gpu; see the checks of nvidia-runtime on"
        " machine 4, and the device plugin: kubectl get pods -n kube-system -o wide",
    )


def test_gpus_of_another_machine_do_not_count(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    nodes = changed(cluster.node_list, "host-4", gpu_capacity=0, gpu_allocatable=0)
    cluster.node_list = changed(nodes, "host-3", gpu_capacity=1, gpu_allocatable=1)

    assert not checks(cluster, lab, status)["gpus"].is_ok


def test_gpu_that_is_not_healthy_is_counted(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.node_list = changed(cluster.node_list, "host-4", gpu_allocatable=1)

    assert checks(cluster, lab, status)["gpus"] == Check(
        "gpus",
        False,
        "node host-4: 1 of 2 GPUs are not healthy; see juju ssh -m ctrl:modern UNIT nvidia-smi on"
        " its machine",
    )


def test_gpu_machine_without_a_node_is_named(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.node_list = [node for node in cluster.node_list if node.name != "host-4"]

    assert checks(cluster, lab, status)["gpus"].message == (
        "machine gpu0: its worker kubernetes-worker/1 is no node of the cluster"
    )


def test_gpu_machine_without_a_worker_is_named(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    reduced = without_units(status, "kubernetes-worker/1")

    assert checks(cluster, lab, reduced)["gpus"].message == (
        "machine gpu0 of the site has a GPU, but no worker unit is on it"
    )


def test_gpu_machine_with_other_units_than_workers_is_named(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    """The control plane of the machine is no place for the pods of users."""
    assert lab.site is not None
    (name, first), *others = lab.site.machines.items()
    machines = {name: first.model_copy(update={"gpu": True}), **dict(others)}
    changed_lab = dataclasses.replace(lab, site=lab.site.model_copy(update={"machines": machines}))

    assert checks(cluster, changed_lab, status)["gpus"].message == (
        f"machine {name} of the site has a GPU, but no worker unit is on it"
    )


def test_machine_without_a_host_name_is_found_by_its_address(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    """Juju 2.6 gives no names of hosts."""
    nameless = with_machine(status, "4", hostname="", addresses=("192.168.1.14",))

    assert checks(cluster, lab, nameless)["gpus"].is_ok


def test_bundle_names_no_gpu_machines(cluster: FakeCluster, lab: Lab, status: ModelStatus) -> None:
    bundle = dataclasses.replace(lab, site=None)
    cluster.node_list = changed(cluster.node_list, "host-4", gpu_capacity=0, gpu_allocatable=0)

    assert checks(cluster, bundle, status)["gpus"] == Check(
        "gpus", True, "the site names no machine with a GPU, and no node has one"
    )


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (
            [],
            "no storage class is the default; run juju config nfs-server default-class=true -m"
            " ctrl:modern, and see juju status nfs-server -m ctrl:modern",
        ),
        (
            [StorageClass("nfs")],
            "no storage class is the default; run juju config nfs-server default-class=true -m"
            " ctrl:modern, and see juju status nfs-server -m ctrl:modern",
        ),
        (
            [StorageClass("a", is_default=True), StorageClass("b", is_default=True)],
            "2 storage classes are the default: a, b; keep one: kubectl annotate storageclass NAME"
            " storageclass.kubernetes.io/is-default-class-",
        ),
    ],
)
def test_exactly_one_storage_class_is_the_default(
    cluster: FakeCluster,
    lab: Lab,
    status: ModelStatus,
    classes: list[StorageClass],
    message: str,
) -> None:
    cluster.classes = classes

    assert checks(cluster, lab, status)["storage-class"] == Check("storage-class", False, message)


def test_bundle_without_storage_needs_no_class(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    applications = {n: a for n, a in lab.bundle.applications.items() if n != "nfs-server"}
    reduced = dataclasses.replace(
        lab, bundle=dataclasses.replace(lab.bundle, applications=applications)
    )
    cluster.classes = []

    assert checks(cluster, reduced, status)["storage-class"].is_ok


def test_pods_of_the_systems_that_do_not_run_are_named(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    """Pods of users are not among them."""
    cluster.pod_list += [
        Pod("metallb-system", f"speaker-{number}", problem="container speaker: ErrImagePull")
        for number in range(6)
    ]
    fault = "container speaker: ErrImagePull"
    named = "; ".join(f"metallb-system/speaker-{number}: {fault}" for number in range(5))

    assert checks(cluster, lab, status)["pods"] == Check(
        "pods",
        False,
        f"6 of 7 pods do not run: {named}; and 1 more; see kubectl describe pod -n metallb-system"
        " speaker-0",
    )


def test_cluster_without_pods_of_the_systems_fails(
    cluster: FakeCluster, lab: Lab, status: ModelStatus
) -> None:
    cluster.pod_list = [Pod("default", "users")]

    assert not checks(cluster, lab, status)["pods"].is_ok
