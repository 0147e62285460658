"""Rules about networks and the machines' addresses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ...findings import KeyPath, Severity
from ...site.addresses import Span, read_span, span_of_network
from .facts import CONTROL_PLANES, Facts
from .rule import Hit, rule


@rule(
    "BL034",
    "Networks overlap",
    Severity.ERROR,
    """Pods, services and machines route by address; two networks that overlap hide each other.""",
)
def networks_overlap(facts: Facts) -> Iterator[Hit]:
    """Find overlaps among pods, services and LAN."""
    if facts.site is None:
        return
    networks = facts.site.networks
    named: list[tuple[str, KeyPath, Span]] = [
        ("pods", ("networks", "pods"), span_of_network(networks.pods)),
        ("services", ("networks", "services"), span_of_network(networks.services)),
    ]
    if networks.lan is not None:
        named.append(("lan", ("networks", "lan", "cidr"), span_of_network(networks.lan.cidr)))
    for left, right in itertools.combinations(named, 2):
        if left[2].overlaps(right[2]):
            yield Hit(
                left[1],
                f"networks.{left[0]} overlaps networks.{right[0]}",
                "choose a private network that nothing else uses",
                site=True,
            )


@rule(
    "BL035",
    "An address stands twice",
    Severity.ERROR,
    """Two machines with one address cannot both be reached.""",
)
def repeated_address(facts: Facts) -> Iterator[Hit]:
    """Find machine addresses that another machine has."""
    seen: dict[object, str] = {}
    for name, machine in facts.site.machines.items() if facts.site else ():
        for index, address in enumerate(machine.addresses):
            if address in seen:
                yield Hit(
                    ("machines", name, "addresses", index),
                    f"{address} is the address of {seen[address]} already",
                    "write each machine's own address",
                    site=True,
                )
            seen.setdefault(address, name)


@rule(
    "BL063",
    "Machine address outside the LAN",
    Severity.WARNING,
    """Pools in layer-2 mode and NFS exports are worked out from networks.lan; a machine outside
    it is not reached by either.""",
)
def address_outside_lan(facts: Facts) -> Iterator[Hit]:
    """Find machines none of whose addresses is in networks.lan."""
    lan = facts.site.networks.lan if facts.site else None
    for name, machine in facts.site.machines.items() if facts.site and lan else ():
        if lan and machine.addresses and not any(a in lan.cidr for a in machine.addresses):
            yield Hit(
                ("machines", name, "addresses"),
                f"{name} has no address in the LAN {lan.cidr}",
                "write its address in the LAN, or the right networks.lan.cidr",
                site=True,
            )


@rule(
    "BL064",
    "Gateway or DHCP range outside the LAN",
    Severity.ERROR,
    """Both are parts of the network that networks.lan.cidr names; one of the three is wrong, and
    the checks of address pools would be too.""",
)
def outside_lan(facts: Facts) -> Iterator[Hit]:
    """Find a gateway or a DHCP range that is no part of networks.lan.cidr."""
    lan = facts.site.networks.lan if facts.site else None
    if lan is None:
        return
    parts: list[tuple[KeyPath, str, Span]] = [
        (("dhcp", index), f"the DHCP range {text}", read_span(text))
        for index, text in enumerate(lan.dhcp)
    ]
    if lan.gateway is not None:
        gateway = Span(lan.gateway, lan.gateway)
        parts.append((("gateway",), f"the gateway {lan.gateway}", gateway))
    for path, what, span in parts:
        if span.first not in lan.cidr or span.last not in lan.cidr:
            yield Hit(
                ("networks", "lan", *path),
                f"{what} is not inside {lan.cidr}",
                "correct it, or networks.lan.cidr",
                site=True,
            )


# Prefix length of the piece of the pod network that each node gets: flannel's SubnetLen is 24
# unless told otherwise, Calico's blocks are 26 (blockSize).
_PIECE = {"flannel": 24, "calico": 26}


@rule(
    "BL068",
    "Pod network too small for the nodes",
    Severity.ERROR,
    """Every node takes a piece of the pod network (flannel a /24, Calico at least one /26); when
    there is none left, a node stays NotReady.""",
)
def small_pod_network(facts: Facts) -> Iterator[Hit]:
    """Find more nodes than the pod network has pieces."""
    pods = facts.site.networks.pods if facts.site else None
    for name, _ in facts.named(*_PIECE) if pods else ():
        hosts = {host for host, _ in facts.named("kubernetes-worker", *CONTROL_PLANES)}
        nodes = {unit.placement for unit in facts.units if unit.application in hosts}
        pieces = 2 ** max(0, _PIECE[name] - pods.prefixlen) if pods and pods.version == 4 else None
        if pieces is not None and len(nodes) > pieces:
            yield Hit(
                ("networks", "pods"),
                f"{pods} has {pieces} pieces for {len(nodes)} nodes of {name}",
                "take a larger network, such as 10.1.0.0/16",
                site=True,
            )
