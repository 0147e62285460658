"""Rules about the networks of a site, compared with those of MAAS (``validate --maas``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....address_spans import read_span
from ....findings import Severity, listed
from ..facts import Facts
from ..options.address_pools import PoolRange, pool_ranges
from ..rule import Violation, rule

if TYPE_CHECKING:
    # Few runs know MAAS, and the others do not import its packages.
    from ....inventory.address_use import AddressUse
    from ....inventory.dumps import MaasInventory
    from ....inventory.networks import MaasSubnet
    from ....site.networks import Lan

_READ_SUBNETS = "correct the value, or the subnet in MAAS"


@rule("BL138", Severity.ERROR)
def pool_that_maas_assigns(facts: Facts) -> Iterator[Violation]:
    """Yield the address pools with addresses that MAAS has assigned or its DHCP server assigns."""
    for pool, use in _uses(facts):
        if use.is_taken:
            yield Violation(pool.path, f"{pool}: {use.message}", use.fix)


@rule("BL139", Severity.WARNING)
def network_that_maas_has_differently(facts: Facts) -> Iterator[Violation]:
    """Yield the address pools that MAAS has not reserved, and the values of another network."""
    for pool, use in _uses(facts):
        if use.is_open:
            yield Violation(pool.path, f"{pool}: {use.message}", use.fix)
    if facts.site is None or facts.maas is None:
        return
    for name, network in facts.site.networks.of_machines.items():
        for key, message in _network_faults(network, facts.maas.inventory):
            yield Violation(("networks", name, key), message, _READ_SUBNETS, in_site=True)


def _uses(facts: Facts) -> Iterator[tuple[PoolRange, AddressUse]]:
    if facts.maas:
        for pool in pool_ranges(facts):
            yield pool, facts.maas.address_use(pool.span)


def _network_faults(network: Lan, inventory: MaasInventory) -> Iterator[tuple[str, str]]:
    """Yield the keys of a network whose values MAAS has differently, with what it has."""
    subnets = _subnets(inventory)
    subnet = next((subnet for subnet in subnets if subnet.network == network.cidr), None)
    if subnet is None:
        if subnets:
            cidrs = listed(sorted({subnet.cidr for subnet in subnets}))
            yield "cidr", f"MAAS has no subnet {network.cidr}; it has {cidrs}"
        return
    gateway = str(network.gateway or "")
    if gateway and subnet.gateway_is_inside and gateway != subnet.gateway:
        yield "gateway", f"the gateway of {subnet.cidr} in MAAS is {subnet.gateway}"
    noted = [read_span(text) for text in network.dhcp]
    for entry in inventory.ranges or ():
        span = entry.span
        is_noted = any(known_span.contains(span) for known_span in noted)
        if entry.kind == "dynamic" and span.overlaps(subnet.span) and not is_noted:
            yield "dhcp", f"the DHCP server of MAAS assigns {span.first}-{span.last}"


def _subnets(inventory: MaasInventory) -> list[MaasSubnet]:
    linked = [subnet for machine in inventory.machines for subnet in machine.subnets]
    return list(dict.fromkeys([*(inventory.subnets or ()), *linked]))
