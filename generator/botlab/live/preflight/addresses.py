"""The addresses of the pools, which MAAS must never assign."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from ...rules.lab.facts import Facts
from ...rules.lab.options.address_pools import PoolRange, pool_ranges
from ...shell import command_line
from ...site.addresses import Span, span_of_network
from ..maas.inventory import AddressRange, MaasInventory
from .check import Check, failed, passed, skipped


def check_addresses(facts: Facts, inventory: MaasInventory) -> Iterator[Check]:
    """Check that MAAS does not assign the addresses of the pools to machines.

    Args:
        facts: The bundle with its pools.
        inventory: What MAAS knows.
    """
    for pool in pool_ranges(facts):
        users = _machines_in(pool.span, inventory)
        if users:
            yield failed(
                _label(pool),
                f"the machine {users[0][0]} has the address {users[0][1]}",
                "use addresses in the site file (metallb: pools) that no machine has",
            )
        elif inventory.ranges is None:
            read = command_line("maas", inventory.profile, "ipranges", "read")
            yield skipped(
                _label(pool),
                "not checked against the ranges of MAAS",
                f"add the output of a further command with --maas FILE: {read}",
            )
        elif _is_managed(pool.span, inventory):
            yield _range_check(pool, inventory.ranges, inventory.profile)
        else:
            yield passed(_label(pool), "MAAS has no subnet with these addresses")


def _machines_in(span: Span, inventory: MaasInventory) -> list[tuple[str, str]]:
    return [
        (machine.name, address)
        for machine in inventory.machines
        for address in machine.addresses
        if span.overlaps(Span(*[ipaddress.ip_address(address)] * 2))
    ]


def _is_managed(span: Span, inventory: MaasInventory) -> bool:
    """Return whether MAAS may assign addresses there. Unknown subnets count as managed."""
    if inventory.subnets is None:
        return True
    return any(span.overlaps(span_of_network(subnet)) for subnet in inventory.subnets)


def _range_check(pool: PoolRange, ranges: Sequence[AddressRange], profile: str) -> Check:
    dynamic = [entry.span for entry in ranges if entry.kind == "dynamic"]
    span = next((span for span in dynamic if span.overlaps(pool.span)), None)
    if span is not None:
        return failed(
            _label(pool),
            f"the DHCP server of MAAS assigns addresses from {span.first}-{span.last}",
            "use other addresses in the site file (metallb: pools), or move the dynamic range in"
            f" MAAS: {command_line('maas', profile, 'ipranges', 'read')}",
        )
    if _is_covered(pool.span, [entry.span for entry in ranges if entry.kind == "reserved"]):
        return passed(_label(pool), "MAAS has reserved these addresses")
    return failed(
        _label(pool),
        "MAAS has not reserved these addresses, so it may give them to a machine",
        command_line(
            "maas",
            profile,
            "ipranges",
            "create",
            "type=reserved",
            f"start_ip={pool.span.first}",
            f"end_ip={pool.span.last}",
            "comment=metallb",
        ),
    )


def _is_covered(span: Span, reserved: Sequence[Span]) -> bool:
    """Return whether the spans together hold all addresses of a span."""
    position = int(span.first)
    same = (entry for entry in reserved if entry.first.version == span.first.version)
    for entry in sorted(same, key=lambda entry: int(entry.first)):
        if int(entry.first) <= position:
            position = max(position, int(entry.last) + 1)
    return position > int(span.last)


def _label(pool: PoolRange) -> str:
    return f"addresses {pool.span.first}-{pool.span.last}"
