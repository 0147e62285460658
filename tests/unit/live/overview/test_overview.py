"""A lab on one screen."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from botlab.live.cluster.access import ClusterAccess, ClusterError
from botlab.live.cluster.model import LoadBalancer, Node, Pod
from botlab.live.errors import LiveError
from botlab.live.lab import Lab
from botlab.live.overview import Overview, lab_overview
from botlab.live.overview.kubeflow import kubeflow_url
from botlab.live.overview.lines import overview_lines
from botlab.live.overview.pools import pool_rows
from botlab.live.status.model import ModelStatus, StatusInfo
from helpers.clusters import FakeCluster, healthy_cluster
from helpers.growth import LINEAR, growth
from helpers.live_models import example_lab, ready_status, with_machine, with_unit

LAB = example_lab()
READY = ready_status(LAB)
GATEWAY = LoadBalancer("istio-system", "istio-ingressgateway", ("10.20.0.201",), (443,))


def used_cluster() -> FakeCluster:
    """Return a healthy cluster in which a notebook holds a GPU, and Kubeflow has an address."""
    cluster = healthy_cluster(LAB, READY)
    cluster.pod_list.append(Pod("user", "notebook-0", "host-4", gpu_requests=1))
    cluster.balancers = [GATEWAY]
    return cluster


def overview_of(status: ModelStatus = READY, cluster: FakeCluster | None = None) -> Overview:
    """Return the overview of a lab whose cluster is healthy by default."""
    access = cluster or used_cluster()
    return lab_overview(LAB, status, "3.6.11", lambda: access)


def with_options(application: str, **options: Any) -> Lab:
    """Return the lab with options of an application changed."""
    changed = dataclasses.replace(
        LAB.applications[application], options={**LAB.applications[application].options, **options}
    )
    applications = {**LAB.bundle.applications, application: changed}
    return dataclasses.replace(
        LAB, bundle=dataclasses.replace(LAB.bundle, applications=applications)
    )


def test_healthy_lab_on_one_screen() -> None:
    overview = overview_of()

    assert overview.is_healthy
    assert list(overview_lines(overview)) == [
        "modern: healthy (model ctrl:modern, Juju 3.6.11)",
        "machines: 5 of 5 started, containers 2 of 2 started",
        "  0  host-0  started  easyrsa/0 etcd/0 kubernetes-control-plane/0 nfs-server/0",
        "  0/lxd/0  host-0/lxd/0  started  metallb/0",
        "  0/lxd/1  host-0/lxd/1  started  kubeflow-installer/0",
        "  1  host-1  started  etcd/1 kubernetes-control-plane/1",
        "  2  host-2  started  etcd/2 kubeapi-load-balancer/0",
        "  3  host-3  started  kubernetes-worker/0",
        "  4  host-4  started  kubernetes-worker/1",
        "units ready: easyrsa 1/1, etcd 3/3, kubeapi-load-balancer 1/1,"
        " kubernetes-control-plane 2/2, kubernetes-worker 2/2, calico 4/4, containerd 4/4,"
        " filesystem-client 2/2, nvidia-runtime 2/2, nfs-server 1/1, metallb 1/1,"
        " kubeflow-installer 1/1",
        "cluster: https://192.168.1.10:6443 answers, version v1.35.2 (channel 1.35/stable),"
        " 4 of 4 nodes ready",
        "  host-0  ready  v1.35.2",
        "  host-1  ready  v1.35.2",
        "  host-3  ready  v1.35.2",
        "  host-4  ready  v1.35.2  1 of 2 GPUs used",
        "GPUs: 1 of 2 used",
        "storage classes: nfs (default)",
        "addresses: pool default (10.20.0.200-10.20.0.220): 1 of 21 addresses used, 20 free",
        "Kubeflow: https://kubeflow.lab.example",
    ]


def test_unit_that_is_not_active_is_shown_with_its_cause_and_remedy() -> None:
    status = with_unit(
        READY, "metallb/0", workload=StatusInfo("blocked", "no address pool; set addresses")
    )
    overview = overview_of(status)

    assert not overview.is_healthy
    assert list(overview_lines(overview))[-3:] == [
        "not ready:",
        "  metallb/0 blocked: no address pool; set addresses",
        "      fix: do what the message says; the charm then continues"
        " (history: juju show-status-log metallb/0 -m ctrl:modern)",
    ]


def test_cluster_that_cannot_be_reached_is_said_and_the_rest_is_shown() -> None:
    cluster = FakeCluster(faults={"nodes": ClusterError("the API refuses the connection")})
    overview = overview_of(cluster=cluster)
    lines = list(overview_lines(overview))

    assert not overview.is_healthy
    assert cluster.is_closed
    assert lines[1].startswith("machines: 5 of 5 started")
    assert lines[-5:] == [
        "cluster (channel 1.35/stable): cannot be read: the API refuses the connection",
        "addresses: pool default (10.20.0.200-10.20.0.220): 21 addresses",
        "Kubeflow: https://kubeflow.lab.example",
        "problems:",
        "  the cluster could not be read: the API refuses the connection",
    ]


def test_cluster_whose_kubeconfig_is_refused_is_a_problem() -> None:
    def refuse() -> ClusterAccess:
        raise LiveError("action get-kubeconfig: permission denied")

    overview = lab_overview(LAB, READY, "3.6.11", refuse)

    assert overview.cluster_problem == "action get-kubeconfig: permission denied"
    assert overview.as_json()["cluster"] is None


def test_cluster_is_not_asked_before_a_control_plane_runs() -> None:
    status = READY
    for name in ("kubernetes-control-plane/0", "kubernetes-control-plane/1"):
        status = with_unit(status, name, agent=StatusInfo("allocating"))

    def fail() -> ClusterAccess:
        raise AssertionError("the cluster was asked")

    overview = lab_overview(LAB, status, "3.6.11", fail)
    assert overview.cluster_problem == "no unit of the control plane runs yet"


def test_lab_without_a_cluster_has_no_problem_with_it() -> None:
    overview = lab_overview(LAB, READY, "3.6.11", None)

    assert overview.is_healthy
    assert not any("cluster" in line for line in overview_lines(overview))


def test_node_of_another_release_than_the_channel_is_a_problem() -> None:
    cluster = used_cluster()
    cluster.node_list[1] = Node("host-1", is_ready=True, kubelet_version="v1.34.3")
    overview = overview_of(cluster=cluster)

    assert "  host-1  ready  v1.34.3 (not of the channel)" in list(overview_lines(overview))
    assert len(overview.problems) == 1
    assert "node host-1 has v1.34.3" in overview.problems[0]


def test_node_that_is_not_ready_is_shown_with_its_cause() -> None:
    cluster = used_cluster()
    cluster.node_list[3] = Node("host-4", message="PLEG is not healthy", kubelet_version="v1.35.2")
    overview = overview_of(cluster=cluster)

    assert "  host-4  not ready  v1.35.2  PLEG is not healthy" in list(overview_lines(overview))
    assert not overview.is_healthy


def test_large_lab_lists_only_what_is_not_as_it_should_be() -> None:
    machine = READY.machines["4"]
    machines = {
        str(number): dataclasses.replace(machine, name=str(number)) for number in range(5, 40)
    }
    status = dataclasses.replace(READY, machines={**READY.machines, **machines})
    status = with_machine(
        status, "4", agent=StatusInfo("pending"), instance=StatusInfo("allocating", "Deploying")
    )
    lines = list(overview_lines(overview_of(status)))

    assert lines[1:4] == [
        "machines: 4 of 5 started, containers 2 of 2 started",
        "  4  host-4  pending: Deploying  kubernetes-worker/1",
        "  and 41 more that are started",
    ]


def test_url_of_kubeflow_is_the_gateway_where_no_hostname_is_set() -> None:
    lab = with_options("kubeflow-installer", hostname="")

    assert kubeflow_url(lab, [GATEWAY]) == "https://10.20.0.201"
    assert kubeflow_url(lab, []) == ""
    assert (
        kubeflow_url(lab, [dataclasses.replace(GATEWAY, addresses=("fd00::1",))])
        == "https://[fd00::1]"
    )


def test_addresses_of_other_pools_and_host_names_are_not_counted() -> None:
    (row,) = pool_rows(
        LAB,
        [
            GATEWAY,
            LoadBalancer("default", "web", ("192.168.1.1",)),
            LoadBalancer("default", "cloud", ("lb.example.com",)),
            LoadBalancer("default", "shared", ("10.20.0.201",)),
        ],
    )

    assert (row.total, row.used, row.free) == (21, 1, 20)


def test_each_pool_of_the_option_pools_is_a_row() -> None:
    pools = """
address-pools:
- {name: fast, protocol: layer2, addresses: [10.0.0.0/30]}
- {name: slow, protocol: layer2, addresses: [10.0.1.1-10.0.1.4, 10.0.2.0/31]}
"""
    lab = with_options("metallb", pools=pools, addresses="")

    rows = [(row.name, row.total, row.used) for row in pool_rows(lab, None)]
    assert rows == [("fast", 4, None), ("slow", 6, None)]


def test_json_is_stable() -> None:
    report = json.loads(json.dumps(overview_of().as_json()))

    assert {key: report[key] for key in report if key not in ("machines", "applications")} == {
        "ok": True,
        "lab": "modern",
        "model": "modern",
        "controller": "ctrl",
        "juju": "3.6.11",
        "channel": "1.35/stable",
        "cluster": {
            "server": "https://192.168.1.10:6443",
            "version": "v1.35.2",
            "nodes": [
                {
                    "name": f"host-{number}",
                    "ready": True,
                    "version": "v1.35.2",
                    "fits_channel": True,
                    "gpus_allocatable": 2 if number == 4 else 0,
                    "gpus_used": 1 if number == 4 else 0,
                }
                for number in (0, 1, 3, 4)
            ],
            "storage_classes": [{"name": "nfs", "default": True}],
        },
        "cluster_problem": "",
        "pools": [
            {
                "application": "metallb",
                "name": "default",
                "ranges": ["10.20.0.200-10.20.0.220"],
                "total": 21,
                "used": 1,
                "free": 20,
            }
        ],
        "kubeflow_url": "https://kubeflow.lab.example",
        "problems": [],
        "missing": [],
        "notes": [],
    }
    assert report["machines"][1] == {
        "name": "0/lxd/0",
        "host": "host-0/lxd/0",
        "state": "started",
        "addresses": [],
        "units": ["metallb/0"],
    }
    assert report["applications"]["etcd"] == {"ready": 3, "expected": 3}


def test_overview_takes_linear_time_even_if_every_machine_is_down() -> None:
    def show(workers: int) -> None:
        lab = with_workers(workers)
        status = ready_status(lab)
        machines = {
            name: dataclasses.replace(machine, agent=StatusInfo("down"))
            for name, machine in status.machines.items()
        }
        status = dataclasses.replace(status, machines=machines)
        assert len(list(overview_lines(lab_overview(lab, status, "3.6.11", None)))) > workers

    assert growth(show, 25) < LINEAR


def with_workers(number: int) -> Lab:
    """Return the lab with more workers, each on a machine of its own."""
    placements = [str(5 + worker) for worker in range(number)]
    workers = dataclasses.replace(
        LAB.applications["kubernetes-worker"], num_units=number, to=placements
    )
    bundle = dataclasses.replace(
        LAB.bundle,
        applications={**LAB.bundle.applications, "kubernetes-worker": workers},
        machines={**LAB.bundle.machines, **dict.fromkeys(placements)},
    )
    return dataclasses.replace(LAB, bundle=bundle)
