"""The addresses of services, and those that services lose by a change of pools."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from metallb.cluster.assignments import assignments, lost_addresses, usage
from metallb.config.pools import Pool


def pool(name: str, *networks: str, avoids_buggy: bool = False) -> Pool:
    """Return a layer-2 pool."""
    return Pool(name, "layer2", tuple(map(ipaddress.ip_network, networks)), avoids_buggy)


def service(
    name: str, address: str, kind: str = "LoadBalancer", requested_pool: str = ""
) -> dict[str, Any]:
    """Return a service that has an address."""
    annotations = {"metallb.universe.tf/address-pool": requested_pool} if requested_pool else {}
    return {
        "metadata": {"name": name, "namespace": "default", "annotations": annotations},
        "spec": {"type": kind},
        "status": {"loadBalancer": {"ingress": [{"ip": address}] if address else None}},
    }


CURRENT = [pool("a", "10.0.0.0/28"), pool("b", "10.0.1.0/28")]
SERVICES = [
    service("one", "10.0.0.1"),
    service("two", "10.0.1.1", requested_pool="b"),
    service("foreign", "172.16.0.1"),
    service("waits", ""),
    service("inner", "10.0.0.2", kind="ClusterIP"),
]


@pytest.mark.parametrize(
    ("desired", "lost"),
    [
        (CURRENT, []),
        ([pool("a", "10.0.0.0/24"), pool("b", "10.0.1.0/24")], []),
        (CURRENT[1:], ["default/one (10.0.0.1)"]),
        ([CURRENT[0], pool("c", "10.0.1.0/28")], ["default/two (10.0.1.1, asks for pool b)"]),
        ([], ["default/one (10.0.0.1)", "default/two (10.0.1.1)"]),
    ],
)
def test_services_that_lose_their_address_are_named(desired: list[Pool], lost: list[str]) -> None:
    """An address of another load balancer is not lost."""
    assert lost_addresses(assignments(SERVICES), CURRENT, desired) == lost


def test_address_that_a_pool_begins_to_avoid_is_lost() -> None:
    """.0 and .255 of a pool that begins to avoid them."""
    assigned = assignments([service("zero", "10.0.0.0")])
    assert lost_addresses(assigned, CURRENT, [pool("a", "10.0.0.0/28", avoids_buggy=True)])


def test_address_that_two_services_share_counts_once() -> None:
    """The addresses in use, and the addresses of the pools."""
    shared = [*SERVICES, service("shares", "10.0.0.1")]
    assert usage(assignments(shared), CURRENT) == (2, 32)


@pytest.mark.parametrize("prefix", ["metallb.io", "metallb.universe.tf"])
def test_service_asks_for_a_pool_with_either_prefix(prefix: str) -> None:
    asking = service("x", "10.0.0.1")
    asking["metadata"]["annotations"] = {f"{prefix}/address-pool": "a", "other/address-pool": "b"}

    address = ipaddress.ip_address("10.0.0.1")
    assert assignments([asking]) == [("default/x", address, "a")]
    assert assignments([service("y", "10.0.0.1")]) == [("default/y", address, "")]
