"""The check of the load balancers."""

from __future__ import annotations

import dataclasses
import socket

import pytest

from botlab.live.cluster.model import LoadBalancer
from botlab.live.verify.balancers import Reach, balancer_check, tcp_probe
from botlab.live.verify.report import Check
from helpers.clusters import FakeCluster, healthy_cluster
from helpers.live_models import example_lab, ready_status


@pytest.fixture
def cluster() -> FakeCluster:
    """Return a cluster with one load balancer."""
    lab = example_lab()
    return healthy_cluster(lab, ready_status(lab))


def balancer(cluster: FakeCluster, **reaches: Reach) -> Check:
    """Return the check when addresses answer as given, by their last part."""

    def probe(address: str, port: int) -> Reach:
        del port
        return reaches.get(f"host{address.rpartition('.')[2]}", Reach.SILENT)

    return balancer_check(cluster, probe)


def test_service_without_an_address_fails(cluster: FakeCluster) -> None:
    cluster.balancers.append(LoadBalancer("users", "web", (), (80,)))

    assert balancer(cluster, host240=Reach.ANSWERED) == Check(
        "load-balancer",
        False,
        "without an address: users/web; see the status of metallb, and the free addresses with"
        " botlab status",
    )


def test_cluster_without_a_load_balancer_passes(cluster: FakeCluster) -> None:
    cluster.balancers = []

    assert balancer(cluster) == Check(
        "load-balancer",
        True,
        "the cluster has no service of the type LoadBalancer with a TCP port; the checks of"
        " metallb create one of their own",
    )


def test_one_address_that_answers_is_enough(cluster: FakeCluster) -> None:
    cluster.balancers.insert(0, LoadBalancer("users", "web", ("192.168.1.241",), (80,)))

    assert balancer(cluster, host240=Reach.ANSWERED) == Check(
        "load-balancer",
        True,
        "istio-system/gateway at 192.168.1.240:443 answers; without an answer: users/web at"
        " 192.168.1.241:80",
    )


def test_refused_connection_fails(cluster: FakeCluster) -> None:
    assert balancer(cluster, host240=Reach.REFUSED) == Check(
        "load-balancer",
        False,
        "no connection is accepted: istio-system/gateway at 192.168.1.240:443; check that a ready"
        " pod is behind the service (kubectl get endpoints -A)",
    )


def test_silent_address_fails_where_the_nodes_are_reached(cluster: FakeCluster) -> None:
    assert balancer(cluster, host14=Reach.REFUSED) == Check(
        "load-balancer",
        False,
        "no answer from istio-system/gateway at 192.168.1.240:443, although this machine reaches"
        " the nodes; check that the pool is in the network of the nodes, and see the checks of"
        " metallb",
    )


def test_silent_address_is_explained_where_the_nodes_are_not_reached(cluster: FakeCluster) -> None:
    assert balancer(cluster) == Check(
        "load-balancer",
        True,
        "not tested: this machine reaches neither istio-system/gateway at 192.168.1.240:443 nor"
        " the nodes, so it is not in the network of the lab; run the command on a machine that is",
    )


def test_nodes_are_probed_by_their_addresses_at_the_kubelet_and_ssh(cluster: FakeCluster) -> None:
    """The search for a host name may take too long."""
    nodes = [dataclasses.replace(cluster.node_list[0], addresses=("node-5", "192.168.1.15"))]
    cluster.node_list = nodes
    probed: list[tuple[str, int]] = []

    def probe(address: str, port: int) -> Reach:
        probed.append((address, port))
        return Reach.SILENT

    balancer_check(cluster, probe)

    assert sorted(probed) == [
        ("192.168.1.15", 22),
        ("192.168.1.15", 10250),
        ("192.168.1.240", 443),
    ]


def test_address_of_ipv6_is_printed_in_brackets(cluster: FakeCluster) -> None:
    cluster.balancers = [LoadBalancer("a", "b", ("fd00::1",), (80,))]

    check = balancer_check(cluster, lambda *_: Reach.ANSWERED)

    assert check.message == "a/b at [fd00::1]:80 answers"


def test_addresses_are_probed_from_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert tcp_probe("127.0.0.1", port) is Reach.ANSWERED
    assert tcp_probe("127.0.0.1", port) is Reach.REFUSED
    assert tcp_probe("no-such-host.invalid", 80) is Reach.SILENT
