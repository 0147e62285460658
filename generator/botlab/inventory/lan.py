"""The network of the proposed machines, its address ranges, and addresses for services."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..address_spans import AnyAddress, Span
from .dumps import MaasInventory
from .fields import address_of
from .machines import MaasMachine
from .networks import AddressRange, MaasSubnet

# A range of MAAS that somebody reserved for services of the type LoadBalancer.
_FOR_SERVICES = re.compile(r"metal.?lb|load.?balancer", re.IGNORECASE)
# .240 to .250 of a /24: near the end, where few people put fixed addresses.
_DISTANCE, _END, _POOL_SIZE = 15, 5, 11


@dataclass(frozen=True, slots=True)
class ProposedLan:
    """The network of the machines.

    Attributes:
        subnet: The subnet of MAAS; None if no machine is in one.
        dhcp: The ranges of MAAS's DHCP server in it.
        reserved: The ranges of MAAS that are reserved for something else.
        pool: Addresses for services of the type LoadBalancer; None without a subnet.
        must_reserve: Whether MAAS may assign the addresses of the pool until they are reserved.
        further: The other subnets of the machines, each with the number of its machines.
        outside: The machines that have no interface in the network.
    """

    subnet: MaasSubnet | None = None
    dhcp: tuple[Span, ...] = ()
    reserved: tuple[AddressRange, ...] = ()
    pool: Span | None = None
    must_reserve: bool = False
    further: tuple[tuple[MaasSubnet, int], ...] = ()
    outside: tuple[str, ...] = field(default=())


def propose_lan(machines: Sequence[MaasMachine], inventory: MaasInventory) -> ProposedLan:
    """Return the network of the machines of a site.

    It is the subnet to which most machines are linked. Among subnets of about as many machines,
    it is one of IPv4 with a gateway, from which the machines boot.

    Args:
        machines: The machines of the site.
        inventory: What MAAS knows.
    """
    subnets = {machine.name: linked_subnets(machine, inventory) for machine in machines}
    counts = Counter(subnet for linked in subnets.values() for subnet in linked)
    if not counts:
        return ProposedLan()
    boots = Counter(cidr for machine in machines for cidr in machine.boot_subnets)
    lan = _best(counts, boots)
    ranges = [entry for entry in inventory.ranges or () if entry.span.overlaps(lan.span)]
    reserved_pool = _reserved_pool(lan, ranges)
    return ProposedLan(
        subnet=lan,
        dhcp=tuple(entry.span for entry in ranges if entry.kind == "dynamic"),
        reserved=tuple(
            entry for entry in ranges if entry.kind == "reserved" and entry.span != reserved_pool
        ),
        pool=reserved_pool or _free_pool(lan, ranges, inventory.machines),
        must_reserve=lan.is_managed and reserved_pool is None,
        further=tuple(
            (subnet, count) for subnet, count in counts.most_common() if subnet.cidr != lan.cidr
        ),
        outside=tuple(
            name
            for name, linked in subnets.items()
            if all(subnet.cidr != lan.cidr for subnet in linked)
        ),
    )


def linked_subnets(machine: MaasMachine, inventory: MaasInventory) -> tuple[MaasSubnet, ...]:
    """Return the subnets of a machine's links, or else those in the VLANs of its interfaces."""
    if machine.subnets:
        return machine.subnets
    return tuple(
        subnet for subnet in inventory.subnets or () if subnet.vlan_id in machine.vlan_ids
    )


def _best(counts: Counter[MaasSubnet], boots: Counter[str]) -> MaasSubnet:
    most = max(counts.values())
    return min(
        (subnet for subnet, count in counts.items() if 2 * count > most),
        key=lambda subnet: (
            subnet.network.version,
            not subnet.gateway_is_inside,
            -boots[subnet.cidr],
            -counts[subnet],
            subnet.cidr,
        ),
    )


def _reserved_pool(lan: MaasSubnet, ranges: Iterable[AddressRange]) -> Span | None:
    """Return the range that is reserved for services; None if there is none.

    In a subnet that MAAS does not manage, MAAS assigns the addresses of reserved ranges.
    """
    if not lan.is_managed:
        return None
    spans = (
        entry.span
        for entry in ranges
        if entry.kind == "reserved" and _FOR_SERVICES.search(entry.comment)
    )
    return next((span for span in spans if span.first in lan.network), None)


def _free_pool(
    lan: MaasSubnet, ranges: Sequence[AddressRange], machines: Iterable[MaasMachine]
) -> Span:
    """Return addresses near the end of the network that MAAS and its machines do not use."""
    usual = _usual_pool(lan)
    used = [entry.span for entry in ranges]
    used += _used_addresses(lan, machines)
    if not any(span.overlaps(usual) for span in used):
        return usual
    gaps = list(_gaps(lan, used))
    large = [gap for gap in gaps if gap.size() >= _POOL_SIZE]
    if large:
        return _span(lan, int(large[-1].last) - _POOL_SIZE + 1, int(large[-1].last))
    return max(gaps, key=Span.size, default=usual)


def _usual_pool(lan: MaasSubnet) -> Span:
    last = int(lan.network.broadcast_address)
    distance = max(0, min(_DISTANCE, lan.network.num_addresses - 2))
    return _span(lan, last - distance, max(last - _END, last - distance))


def _used_addresses(lan: MaasSubnet, machines: Iterable[MaasMachine]) -> Iterator[Span]:
    texts = [lan.gateway, *(text for machine in machines for text in machine.addresses)]
    for text in texts:
        address = address_of(text)
        if address is not None and address in lan.network:
            yield Span(address, address)


def _gaps(lan: MaasSubnet, used: Iterable[Span]) -> Iterator[Span]:
    """Yield the addresses between those in use, without the first and the last of the network."""
    end = int(lan.network.broadcast_address)
    position = int(lan.network.network_address) + 1
    for span in sorted(used, key=lambda span: int(span.first)):
        if int(span.first) > position:
            yield _span(lan, position, min(int(span.first), end) - 1)
        position = max(position, int(span.last) + 1)
    if position < end:
        yield _span(lan, position, end - 1)


def _span(lan: MaasSubnet, first: int, last: int) -> Span:
    address: type[AnyAddress] = type(lan.network.network_address)
    return Span(address(first), address(last))
