"""Addresses, networks and address ranges of the site file."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Literal

import pydantic

AnyAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
AnyNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def _read_address(value: object) -> AnyAddress:
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return value
    try:
        return ipaddress.ip_address(str(value))
    except ValueError:
        raise ValueError("no IP address; write one such as 192.168.1.10") from None


def _read_network(value: object) -> AnyNetwork:
    if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return value
    try:
        return ipaddress.ip_network(str(value))
    except ValueError as error:
        raise ValueError(f"no network ({error}); write one such as 192.168.1.0/24") from None


def _read_admitted(value: object) -> AnyNetwork | Literal["*"]:
    return "*" if value == "*" else _read_network(value)


# One validator and one schema each, so that a wrong value gives one error, not one per family.
Address = Annotated[
    AnyAddress,
    pydantic.PlainValidator(_read_address),
    pydantic.PlainSerializer(str),
    pydantic.WithJsonSchema({"type": "string", "format": "ip-address"}),
]
Network = Annotated[
    AnyNetwork,
    pydantic.PlainValidator(_read_network),
    pydantic.PlainSerializer(str),
    pydantic.WithJsonSchema({"type": "string", "format": "ip-network"}),
]
Admitted = Annotated[
    AnyNetwork | Literal["*"],
    pydantic.PlainValidator(_read_admitted),
    pydantic.PlainSerializer(str),
    pydantic.WithJsonSchema({"type": "string", "description": "a network, or * for everybody"}),
]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of addresses, both ends included."""

    first: AnyAddress
    last: AnyAddress

    def overlaps(self, other: Span) -> bool:
        """Tell whether any address is in both; spans of different families never overlap."""
        if self.first.version != other.first.version:
            return False
        return int(self.first) <= int(other.last) and int(other.first) <= int(self.last)

    def size(self) -> int:
        """Count the addresses."""
        return int(self.last) - int(self.first) + 1


def span_of_network(network: AnyNetwork) -> Span:
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
        raise ValueError(f"no address range ({error}); write FIRST-LAST or NETWORK/BITS") from None
    return text


AddressRange = Annotated[str, pydantic.AfterValidator(_check_span)]
