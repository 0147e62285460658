"""Layer-2 pools outside of the nodes' subnets."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.metallb_cluster import EMPTY, desired_on, node
from metallb.health.findings import NOTE, OK
from metallb.health.subnets import subnets

CALICO = {"projectcalico.org/IPv4Address": "192.168.1.5/24"}
OVN = {"k8s.ovn.org/node-primary-ifaddr": '{"ipv4":"192.168.1.5/24","ipv6":"fd00:1::5/64"}'}


def finding(addresses: str, *nodes: Any, networks: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return severity and message for a layer-2 pool."""
    pool = f"{{name: default, protocol: layer2, addresses: [{addresses}]}}"
    observed = EMPTY._replace(nodes=list(nodes))
    outcome = subnets(desired_on(pool).pools, observed, networks)
    return outcome.severity, outcome.message


@pytest.mark.parametrize("annotations", [CALICO, OVN])
def test_annotation_of_a_node_gives_its_subnet(annotations: dict[str, str]) -> None:
    live = node("n1", "192.168.1.5", annotations=annotations)
    assert finding("192.168.1.240-192.168.1.250", live)[0] == OK
    assert finding('"192.168.2.0/28"', live) == (
        NOTE, "doubt: 192.168.2.0/28 of pool default is in no node's subnet",
    )  # fmt: skip


def test_network_of_the_unit_gives_the_subnet_of_a_node_in_it() -> None:
    """A network that contains no node says nothing about the nodes."""
    live = node("n1", "192.168.1.5")
    assert finding('"192.168.2.0/28"', live, networks=("192.168.1.0/24",))[0] == NOTE
    assert finding('"192.168.2.0/28"', live, networks=("10.0.0.0/8", "x"))[0] == OK


@pytest.mark.parametrize(
    ("address", "inside", "outside"),
    [
        ("192.168.1.5", '"192.168.200.0/28"', '"192.169.0.0/28"'),
        ("fd00:1::5", '"fd00:1::1:0/112"', '"fd00:1:0:1::/112"'),
        ("192.168.1.5", '"192.168.200.0/28"', '"fd00::/112"'),
    ],
)
def test_without_a_known_subnet_a_wide_one_is_assumed(
    address: str, inside: str, outside: str
) -> None:
    assert finding(inside, node("n1", address))[0] == OK
    assert finding(outside, node("n1", address))[0] == NOTE


@pytest.mark.parametrize("text", ["{", "[1]", '{"ipv4": 5}'])
def test_unreadable_annotation_is_ignored(text: str) -> None:
    live = node("n1", "10.0.0.5", annotations={"k8s.ovn.org/node-primary-ifaddr": text})
    assert finding('"10.0.7.0/28"', live)[0] == OK


def test_nothing_is_said_without_an_address_of_a_node() -> None:
    assert finding('"10.0.0.0/28"')[0] == OK
    assert finding('"10.0.0.0/28"', {"metadata": {"name": "n1"}})[0] == OK


def test_bgp_pools_may_be_anywhere() -> None:
    pool = "{name: public, protocol: bgp, addresses: [198.51.100.0/24]}"
    observed = EMPTY._replace(nodes=[node("n1")])
    assert subnets(desired_on(pool).pools, observed, ()).severity == OK
