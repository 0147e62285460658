"""Addresses, networks and address ranges of the site file."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Literal

import pydantic

AnyAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
AnyNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def _read_address(address: object) -> AnyAddress:
    if isinstance(address, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return address
    try:
        return ipaddress.ip_address(str(address))
    except ValueError:
        raise ValueError("not an IP address; write one such as 192.168.1.10") from None


def _read_network(network: object) -> AnyNetwork:
    if isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return network
    try:
        return ipaddress.ip_network(str(network))
    except ValueError as error:
        raise ValueError(f"not a network ({error}); write one such as 192.168.1.0/24") from None


def _read_client_network(network: object) -> AnyNetwork | Literal["*"]:
    return "*" if network == "*" else _read_network(network)


# Each type has a single validator and schema, so that a wrong text is reported once and not once
# per IP version.
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
ClientNetwork = Annotated[
    AnyNetwork | Literal["*"],
    pydantic.PlainValidator(_read_client_network),
    pydantic.PlainSerializer(str),
    pydantic.WithJsonSchema({"type": "string", "description": "a network, or * for everybody"}),
]


class SpanOrderError(ValueError):
    """A span whose last address is before its first, or has another IP version."""


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive addresses, including both ends."""

    first: AnyAddress
    last: AnyAddress

    def overlaps(self, span: Span) -> bool:
        """Return whether the spans share an address; spans of different IP versions never do."""
        if self.first.version != span.first.version:
            return False
        return int(self.first) <= int(span.last) and int(span.first) <= int(self.last)

    def size(self) -> int:
        """Return the number of addresses."""
        return int(self.last) - int(self.first) + 1


def span_of_network(network: AnyNetwork) -> Span:
    """Return all addresses of a network."""
    return Span(network.network_address, network.broadcast_address)


def read_span(text: str) -> Span:
    """Read ``192.168.1.240-192.168.1.250``, ``192.168.1.240/28`` or a single address.

    MetalLB writes address pools in the first two forms.

    Raises:
        SpanOrderError: When the span ends before it starts.
        ValueError: When the text has none of these forms.
    """
    first, dash, last = (piece.strip() for piece in text.partition("-"))
    if not dash:
        # strict=False: MetalLB takes 10.0.0.5/24 for the whole 10.0.0.0/24.
        return span_of_network(ipaddress.ip_network(first, strict=False))
    span = Span(ipaddress.ip_address(first), ipaddress.ip_address(last))
    if span.first.version != span.last.version or int(span.first) > int(span.last):
        raise SpanOrderError("ends before it starts; write the lower address first")
    return span


def _check_span(text: str) -> str:
    try:
        read_span(text)
    except SpanOrderError:
        raise
    except ValueError as error:
        problem = f"not an address range ({error})"
        raise ValueError(f"{problem}; write FIRST-LAST or NETWORK/BITS") from None
    return text


AddressRange = Annotated[str, pydantic.AfterValidator(_check_span)]
