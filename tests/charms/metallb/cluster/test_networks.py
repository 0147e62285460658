"""The networks that a cluster uses itself, on a server in memory."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from labkube.client.api import ApiError
from metallb.cluster.networks import UsedNetwork, cluster_networks, probe_service_networks
from metallb.config.addresses import parse_cidr

SERVICE_CIDR = ("networking.k8s.io/v1", "ServiceCIDR")


class Server(MemoryApi):
    """A server that refuses services with an address outside of its network.

    Args:
        further: Further kinds without a namespace.
    """

    def __init__(self, *further: tuple[str, str]) -> None:
        super().__init__((1, 20), (("v1", "Node"), *further))
        self.probes: list[Any] = []
        self.refusal = "provided IP is not valid. The range of valid IPs is 10.152.183.0/24"

    def has(self, api_version: str, kind: str) -> bool:
        """Return whether a kind is served."""
        return self.serves(api_version, kind)

    def create(self, manifest: Any) -> Any:
        """Refuse a service with an address; create any other object."""
        if "generateName" not in manifest["metadata"]:
            return super().create(manifest)
        self.probes.append(manifest)
        if self.refusal:
            raise ApiError(422, "Invalid", self.refusal)
        metadata = {**manifest["metadata"], "name": "metallb-probe-1"}
        return super().create({**manifest, "metadata": metadata})


def add_node(api: Any, name: str, spec: Any = None, addresses: Any = None) -> None:
    """Register a node."""
    body: Any = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    api.create({**body, "spec": spec, "status": {"addresses": addresses}})


def used(*entries: tuple[str, str]) -> list[UsedNetwork]:
    """Return networks by user and text."""
    return [UsedNetwork(user, parse_cidr(text)) for user, text in entries]


def test_nodes_pods_and_services_use_networks() -> None:
    """Host names, headless services and nodes without an address use none."""
    api = Server()
    addresses = [
        {"type": "Hostname", "address": "10.0.0.9"},
        {"type": "InternalIP", "address": "10.0.0.1"},
        {"type": "ExternalIP", "address": "fd00::1"},
        {"type": "InternalIP"},
    ]
    pod_networks = {"podCIDR": "10.1.0.0/24", "podCIDRs": ["10.1.0.0/24", "fd01::/64"]}
    add_node(api, "a", pod_networks, addresses)
    add_node(api, "b", {"podCIDR": "10.1.1.0/24"})
    add_node(api, "c")
    services = [
        {"metadata": {"namespace": "n", "name": "x"}, "spec": {"clusterIP": "10.152.183.1"}},
        {"metadata": {"namespace": "n", "name": "y"}, "spec": {"clusterIP": "None"}},
        {"metadata": {"namespace": "n", "name": "z"}},
    ]

    nodes = api.list("v1", "Node")
    assert cluster_networks(api, nodes, services) == used(  # type: ignore[arg-type]
        ("the node a", "10.0.0.1/32"),
        ("the node a", "fd00::1/128"),
        ("the pods' network of a", "10.1.0.0/24"),
        ("the pods' network of a", "fd01::/64"),
        ("the pods' network of b", "10.1.1.0/24"),
        ("the service n/x", "10.152.183.1/32"),
    )


def test_server_may_list_the_network_of_its_services() -> None:
    """Then it is not probed."""
    api = Server(SERVICE_CIDR)
    for name, spec in (("a", {"cidrs": ["10.2.0.0/16", "fd02::/108"]}), ("b", {})):
        api.create({"apiVersion": SERVICE_CIDR[0], "kind": SERVICE_CIDR[1],
                    "metadata": {"name": name}, "spec": spec})  # fmt: skip

    assert cluster_networks(api, [], []) == used(  # type: ignore[arg-type]
        ("the services' network", "10.2.0.0/16"), ("the services' network", "fd02::/108")
    )
    assert probe_service_networks(api) == []  # type: ignore[arg-type]
    assert api.probes == []


@pytest.mark.parametrize(
    ("refusal", "networks"),
    [
        (Server().refusal, used(("the services' network", "10.152.183.0/24"))),
        ("not you", []),
        ("", []),
    ],
)
def test_server_names_the_network_when_it_refuses_an_address(
    refusal: str, networks: list[UsedNetwork]
) -> None:
    """A service that was created all the same is deleted."""
    api = Server()
    api.refusal = refusal

    assert probe_service_networks(api) == networks  # type: ignore[arg-type]
    assert api.probes == [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"generateName": "metallb-probe-", "namespace": "default"},
            "spec": {"clusterIP": "127.0.0.1", "ports": [{"port": 80}]},
        }
    ]
    assert api.objects == {}
