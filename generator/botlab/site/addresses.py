"""Addresses, networks and address ranges of the site file."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

import pydantic

from ..address_spans import AnyAddress, AnyNetwork, SpanOrderError, read_span


def read_address(address: object) -> AnyAddress:
    """Return an address.

    Raises:
        ValueError: When the text is not an IP address.
    """
    if isinstance(address, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return address
    try:
        return ipaddress.ip_address(str(address))
    except ValueError:
        raise ValueError("not an IP address; write one such as 192.168.1.10") from None


def _read_network(network: object) -> AnyNetwork:
    if isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return network
    text = str(network)
    try:
        if "/" not in text:
            raise ValueError("the number of BITS is missing")
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"not a network ({error}); write one such as 192.168.1.0/24") from None


def _read_client_network(network: object) -> AnyNetwork | Literal["*"]:
    return "*" if network == "*" else _read_network(network)


# Each type has a single validator and schema, so that a wrong text is reported once and not once
# per IP version.
Address = Annotated[
    AnyAddress,
    pydantic.PlainValidator(read_address),
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
