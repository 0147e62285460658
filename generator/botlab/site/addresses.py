"""Addresses, networks and address ranges of the site file."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated

import pydantic

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Span:
    """A run of addresses, both ends included."""

    first: Address
    last: Address

    def overlaps(self, other: Span) -> bool:
        """Tell whether any address is in both; spans of different families never overlap."""
        if self.first.version != other.first.version:
            return False
        return int(self.first) <= int(other.last) and int(other.first) <= int(self.last)

    def size(self) -> int:
        """Count the addresses."""
        return int(self.last) - int(self.first) + 1


def span_of_network(network: Network) -> Span:
    """Return all addresses of a network as a span."""
    return Span(network.network_address, network.broadcast_address)


def read_span(text: str) -> Span:
    """Read ``192.168.1.240-192.168.1.250``, ``192.168.1.240/28`` or one address.

    The first two are MetalLB's forms of an address pool; a single address is a run of one.

    Raises:
        ValueError: When the text is none of these, or the run ends before it starts.
    """
    first, dash, last = (piece.strip() for piece in text.partition("-"))
    if not dash:
        # strict=False: MetalLB takes 10.0.0.5/24 as the whole 10.0.0.0/24.
        return span_of_network(ipaddress.ip_network(first, strict=False))
    span = Span(ipaddress.ip_address(first), ipaddress.ip_address(last))
    if span.first.version != span.last.version or int(span.first) > int(span.last):
        raise ValueError(f"{text!r} ends before it starts; write the lower address first")
    return span


def _check_span(text: str) -> str:
    try:
        read_span(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no address range ({error}); write FIRST-LAST or NETWORK/BITS"
        ) from None
    return text


AddressRange = Annotated[str, pydantic.AfterValidator(_check_span)]
