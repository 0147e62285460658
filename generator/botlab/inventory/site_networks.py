"""The networks of a proposed site besides that of most machines, and what follows from them."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..address_spans import Span, span_of_network
from ..site.fields import section_fields
from ..site.networks import SPACE, Networks
from .dumps import MaasInventory
from .fields import network_of
from .lan import ProposedLan, linked_subnets
from .machines import MaasMachine
from .networks import MaasSubnet
from .unique_names import UniqueNames

_LONGEST_NAME = 63
# What MAAS calls the space of a VLAN without one.
_NO_SPACE = "undefined"
# The networks of the cluster that a site has unless it names others, and further private ones.
_CLUSTER_NETWORKS = {
    "services": ("10.152.183.0/24", "10.245.183.0/24", "172.21.183.0/24", "100.65.183.0/24"),
    "pods": ("10.1.0.0/16", "10.244.0.0/16", "172.20.0.0/16", "100.64.0.0/16"),
}


class ProposedNetwork(NamedTuple):
    """A further network of machines.

    Attributes:
        name: Its name in the site.
        subnet: The subnet of MAAS.
        dhcp: The ranges of MAAS's DHCP server in it.
        space: Its space; empty if it has none, or one that a site cannot name.
    """

    name: str
    subnet: MaasSubnet
    dhcp: tuple[Span, ...]
    space: str


@dataclass(frozen=True, slots=True)
class SiteNetworks:
    """The networks of a site besides ``networks.lan``.

    Attributes:
        further: The further networks of the machines.
        space: The space of ``networks.lan``; empty unless all machines are in it.
        cluster: The networks of the cluster that replace the defaults, by key.
        clients: The networks that the storage is shared with; empty for the LAN only.
    """

    further: tuple[ProposedNetwork, ...] = ()
    space: str = ""
    cluster: Mapping[str, str] = field(default_factory=dict[str, str])
    clients: tuple[str, ...] = ()


def propose_networks(
    lan: ProposedLan, machines: Sequence[MaasMachine], inventory: MaasInventory
) -> SiteNetworks:
    """Return the networks of a site besides the LAN.

    Args:
        lan: The network of most machines.
        machines: The machines of the site.
        inventory: What MAAS knows.
    """
    if lan.subnet is None:
        return SiteNetworks()
    linked = {machine.name: linked_subnets(machine, inventory) for machine in machines}
    subnets = list(_separate([lan.subnet, *(subnet for subnet, _ in lan.further)]))
    names = _names(subnets, machines, linked)
    further = tuple(
        ProposedNetwork(name, subnet, _dhcp(subnet, inventory), _space(subnet))
        for name, subnet in zip(names, subnets[1:], strict=True)
    )
    return SiteNetworks(
        further=further,
        space=_shared_space(lan.subnet, linked.values()) if further else "",
        cluster=_cluster([subnet.span for subnet in subnets]),
        clients=_clients(lan, subnets, linked),
    )


def _separate(subnets: Iterable[MaasSubnet]) -> Iterator[MaasSubnet]:
    """Yield the subnets that overlap no earlier one, because a site refuses them (BL034)."""
    spans: list[Span] = []
    for subnet in subnets:
        if not any(span.overlaps(subnet.span) for span in spans):
            spans.append(subnet.span)
            yield subnet


def _names(
    subnets: Sequence[MaasSubnet],
    machines: Sequence[MaasMachine],
    linked: Mapping[str, Sequence[MaasSubnet]],
) -> Iterator[str]:
    """Yield a name for each subnet but the first one.

    It comes from the subnet in MAAS, from a space of its own, or from the zone of its machines.
    """
    names = UniqueNames(section_fields(Networks), _LONGEST_NAME)
    spaces = Counter(subnet.space for subnet in subnets)
    spaces[_NO_SPACE] = 0
    all_zones = {machine.zone for machine in machines}
    for subnet in subnets[1:]:
        zones = {machine.zone for machine in machines if _is_in(subnet, linked[machine.name])}
        candidates = (
            subnet.name if network_of(subnet.name) is None else "",
            subnet.space if spaces[subnet.space] == 1 else "",
            *(zones if len(zones) == 1 < len(all_zones) else ()),
            "network",
        )
        yield names.add(next(filter(None, map(_site_name, candidates))))


def _site_name(text: str) -> str:
    """Return a text as the name of a network, which begins with a letter; empty if it cannot."""
    name = re.sub(r"[^a-z0-9-]+", "-", text.lower())[:_LONGEST_NAME].strip("-")
    return name if name[:1].isalpha() else ""


def _is_in(subnet: MaasSubnet, linked: Sequence[MaasSubnet]) -> bool:
    return any(other.network == subnet.network for other in linked)


def _space(subnet: MaasSubnet) -> str:
    """Return the space of a subnet; empty for none, and for one that Juju names differently."""
    return subnet.space if subnet.space != _NO_SPACE and SPACE.fits(subnet.space) else ""


def _shared_space(lan: MaasSubnet, linked: Iterable[Sequence[MaasSubnet]]) -> str:
    """Return the space of the LAN if all machines are in it.

    The endpoints of all applications are bound to it.
    """
    space = _space(lan)
    is_shared = all(any(subnet.space == space for subnet in subnets) for subnets in linked)
    return space if is_shared else ""


def _dhcp(subnet: MaasSubnet, inventory: MaasInventory) -> tuple[Span, ...]:
    return tuple(
        entry.span
        for entry in inventory.ranges or ()
        if entry.kind == "dynamic" and subnet.span.contains(entry.span)
    )


def _cluster(used: Sequence[Span]) -> dict[str, str]:
    """Return networks of pods and services where the default is a network of machines."""
    replaced: dict[str, str] = {}
    for key, (default, *others) in _CLUSTER_NETWORKS.items():
        free = [cidr for cidr in (default, *others) if not _overlaps(cidr, used)]
        if free and free[0] != default:
            replaced[key] = free[0]
    return replaced


def _overlaps(cidr: str, spans: Iterable[Span]) -> bool:
    own = span_of_network(ipaddress.ip_network(cidr))
    return any(own.overlaps(span) for span in spans)


def _clients(
    lan: ProposedLan, subnets: Sequence[MaasSubnet], linked: Mapping[str, Sequence[MaasSubnet]]
) -> tuple[str, ...]:
    """Return the LAN, and the networks of the machines that are not in it."""
    outside = [
        subnet.cidr
        for subnet in subnets[1:]
        if any(_is_in(subnet, linked[name]) for name in lan.outside)
    ]
    return (subnets[0].cidr, *outside) if outside else ()
