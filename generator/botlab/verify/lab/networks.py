"""Rules about networks and address pools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ...findings import Severity
from ...site.addresses import Span, read_span, span_of_network
from ..subject import Path
from .facts import CONTROL_PLANES, Facts
from .rule import Hit, rule


def _places(facts: Facts) -> Iterator[tuple[str, Span]]:
    """Yield what an address pool must keep clear of."""
    if facts.site is None:
        return
    networks = facts.site.networks
    yield "the pod network", span_of_network(networks.pods)
    yield "the service network", span_of_network(networks.services)
    if networks.lan is not None:
        for text in networks.lan.dhcp:
            yield f"the DHCP range {text}", read_span(text)
        if networks.lan.gateway is not None:
            yield "the gateway", Span(networks.lan.gateway, networks.lan.gateway)
    for name, machine in facts.site.machines.items():
        for address in machine.addresses:
            yield f"machine {name} ({address})", Span(address, address)


@rule(
    "BL031",
    "Address pool overlaps something",
    Severity.ERROR,
    """MetalLB answers for every address of a pool; one that belongs to a machine, the gateway,
    DHCP, pods or services then answers twice or not at all.""",
)
def pool_overlap(facts: Facts) -> Iterator[Hit]:
    """Find pools that overlap addresses in use."""
    places = list(_places(facts)) if facts.pools else []
    for pool, index, span in facts.pools:
        for what, other in places:
            if span.overlaps(other):
                yield Hit(
                    ("metallb", "pools", pool, "addresses", index),
                    f"pool {pool} ({span.first}-{span.last}) overlaps {what}",
                    "choose addresses that nothing else uses",
                    site=True,
                )


@rule(
    "BL032",
    "Two address pools overlap",
    Severity.ERROR,
    """MetalLB refuses a configuration whose pools share addresses, and then serves none of
    them.""",
)
def pools_overlap(facts: Facts) -> Iterator[Hit]:
    """Find two ranges that share addresses."""
    ordered = sorted(facts.pools, key=lambda item: (item[2].first.version, int(item[2].first)))
    for left, right in itertools.pairwise(ordered):
        if left[2].overlaps(right[2]):
            yield Hit(
                ("metallb", "pools", right[0], "addresses", right[1]),
                f"pool {right[0]} shares addresses with pool {left[0]}",
                "give each pool addresses of its own",
                site=True,
            )


@rule(
    "BL033",
    "Layer-2 pool outside the machines' network",
    Severity.WARNING,
    """In layer-2 mode an address is announced by ARP, which does not leave the network.""",
)
def pool_outside_lan(facts: Facts) -> Iterator[Hit]:
    """Find layer-2 ranges outside networks.lan."""
    if facts.site is None or facts.site.metallb is None or facts.site.networks.lan is None:
        return
    lan = facts.site.networks.lan.cidr
    for pool, index, span in facts.pools:
        layer2 = facts.site.metallb.pools[pool].protocol == "layer2"
        if layer2 and not (span.first in lan and span.last in lan):
            yield Hit(
                ("metallb", "pools", pool, "addresses", index),
                f"pool {pool} ({span.first}-{span.last}) is not inside the LAN {lan}",
                "take addresses of the LAN, or announce the pool by bgp",
                site=True,
            )


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
    named: list[tuple[str, Path, Span]] = [
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
    "BL036",
    "bgp pool without a router",
    Severity.ERROR,
    """A bgp pool is announced to peers; without one its addresses are never reachable.""",
)
def bgp_without_peers(facts: Facts) -> Iterator[Hit]:
    """Find bgp pools of a site that names no peers."""
    metallb = facts.site.metallb if facts.site else None
    for name, pool in metallb.pools.items() if metallb else ():
        if pool.protocol == "bgp" and metallb and not metallb.peers:
            yield Hit(
                ("metallb", "pools", name, "protocol"),
                f"pool {name} is announced by bgp, but metallb.peers names no router",
                "add metallb.peers with peer-address, peer-asn and my-asn",
                site=True,
            )


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
    parts: list[tuple[Path, str, Span]] = [
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
