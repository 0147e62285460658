"""Addresses of a lab's services, which MAAS must never assign to a machine.

What MAAS assigns (``src/maasserver/api/subnets.py``, at the field ``managed``): in a managed
subnet all addresses that are not in a reserved range, and in a subnet that is not managed only
those of reserved ranges. The DHCP server assigns the addresses of dynamic ranges.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..address_spans import Span
from ..shell import command_line
from .dumps import MaasInventory
from .fields import address_of
from .networks import reservation

_OTHER_ADDRESSES = "use other addresses in the site file (metallb: pools)"


class Verdict(enum.Enum):
    """Whether MAAS may assign addresses of a span."""

    TAKEN = "taken"
    OPEN = "open"
    SAFE = "safe"
    UNKNOWN = "unknown"


class AddressUse(NamedTuple):
    """What MAAS does with addresses.

    Attributes:
        verdict: Whether MAAS may assign them.
        message: The reason.
        fix: What the administrator should do; empty for safe addresses.
    """

    verdict: Verdict
    message: str
    fix: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether MAAS has assigned some of them, or its DHCP server does."""
        return self.verdict is Verdict.TAKEN

    @property
    def is_open(self) -> bool:
        """Whether MAAS may assign them later."""
        return self.verdict is Verdict.OPEN


def address_use(span: Span, inventory: MaasInventory) -> AddressUse:
    """Return what MAAS does with the addresses of a span.

    Args:
        span: The addresses of a pool.
        inventory: What MAAS knows.
    """
    taken = next(_taken(span, inventory), None)
    if taken is not None:
        return taken
    if inventory.ranges is None:
        read = command_line("maas", inventory.profile, "ipranges", "read")
        return AddressUse(
            Verdict.UNKNOWN,
            "not checked against the ranges of MAAS",
            f"add the output of a further command with --maas FILE: {read}",
        )
    if not _is_managed(span, inventory):
        return AddressUse(Verdict.SAFE, "MAAS assigns no addresses there")
    if _is_covered(span, _spans(inventory, "reserved")):
        return AddressUse(Verdict.SAFE, "MAAS has reserved these addresses")
    return AddressUse(
        Verdict.OPEN,
        "MAAS has not reserved these addresses, so it may give them to a machine",
        reservation(inventory.profile, span),
    )


def _taken(span: Span, inventory: MaasInventory) -> Iterator[AddressUse]:
    for machine in inventory.machines:
        for text in machine.addresses:
            address = address_of(text)
            if address and span.overlaps(Span(address, address)):
                message = f"the machine {machine.name} has the address {text}"
                yield AddressUse(Verdict.TAKEN, message, f"{_OTHER_ADDRESSES} that no machine has")
    read = command_line("maas", inventory.profile, "ipranges", "read")
    for entry in _overlapping(span, _spans(inventory, "dynamic")):
        message = f"the DHCP server of MAAS assigns addresses from {entry.first}-{entry.last}"
        fix = f"{_OTHER_ADDRESSES}, or move the dynamic range in MAAS: {read}"
        yield AddressUse(Verdict.TAKEN, message, fix)
    for entry in _overlapping(span, _spans(inventory, "card")):
        message = f"MAAS keeps {entry.first} for the network card of a certain machine"
        yield AddressUse(Verdict.TAKEN, message, _OTHER_ADDRESSES)
    unmanaged = [subnet.span for subnet in inventory.subnets or () if not subnet.is_managed]
    for entry in _overlapping(span, _spans(inventory, "reserved")):
        if any(subnet.overlaps(entry) for subnet in unmanaged):
            message = (
                f"MAAS assigns addresses from {entry.first}-{entry.last}, a reserved range of a"
                " subnet that MAAS does not manage"
            )
            yield AddressUse(Verdict.TAKEN, message, f"{_OTHER_ADDRESSES}, or delete the range")


def _is_managed(span: Span, inventory: MaasInventory) -> bool:
    """Return whether MAAS assigns addresses there. Unknown subnets count as managed."""
    if inventory.subnets is None:
        return True
    return any(subnet.is_managed and span.overlaps(subnet.span) for subnet in inventory.subnets)


def _spans(inventory: MaasInventory, kind: str) -> list[Span]:
    return [entry.span for entry in inventory.ranges or () if entry.kind == kind]


def _overlapping(span: Span, spans: Sequence[Span]) -> list[Span]:
    return [entry for entry in spans if entry.overlaps(span)]


def _is_covered(span: Span, reserved: Sequence[Span]) -> bool:
    """Return whether the spans together hold all addresses of a span."""
    position = int(span.first)
    same = (entry for entry in reserved if entry.first.version == span.first.version)
    for entry in sorted(same, key=lambda entry: int(entry.first)):
        if int(entry.first) <= position:
            position = max(position, int(entry.last) + 1)
    return position > int(span.last)
