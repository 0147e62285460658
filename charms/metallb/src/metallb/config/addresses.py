"""Addresses, networks and ranges as Go's net package and MetalLB read them."""

import ipaddress
import re
from typing import Iterable, List, NamedTuple, Optional, Union

from metallb.config.errors import RefusedError
from metallb.config.go_format import quoted
from metallb.releases import Number

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
# Go refuses octets with leading zeros since 1.17; Python 3.6 reads them as decimal numbers.
_LEADING_ZERO = re.compile(r"(^|\.)0\d")


class Entry(NamedTuple):
    """An entry of a pool: its text and its networks."""

    text: str
    networks: List[Network]


def parse_ip(text: str) -> Optional[Address]:
    """Return an address; None when the text is not one."""
    if _LEADING_ZERO.search(text) or "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def parse_cidr(text: str) -> Network:
    """Return the network of ADDRESS/BITS. Host bits are dropped, as Go does.

    Raises:
        RefusedError: When the text is not a network.
    """
    address, slash, bits = text.partition("/")
    if slash and bits.isdigit() and parse_ip(address) is not None:
        try:
            return ipaddress.ip_network(text, strict=False)
        except ValueError:
            pass
    raise RefusedError(f"invalid CIDR {quoted(text)}")


def parse_entry(entry: str, number: Number) -> List[Network]:
    """Return the networks of a pool's entry: a CIDR, or a range FIRST-LAST.

    From v0.9.2 on, spaces around the dash are dropped. Releases before v0.11 accept a range that
    ends before it starts; such a range has no networks.

    Args:
        entry: The entry.
        number: The number of MetalLB's release.

    Raises:
        RefusedError: When the release refuses the entry; with MetalLB's message.
    """
    if "-" not in entry:
        return [parse_cidr(entry)]
    first, _, last = entry.partition("-")
    drops_spaces = number >= (0, 9, 2)
    start = parse_ip(first.strip() if drops_spaces else first)
    if start is None:
        raise RefusedError(f"invalid IP range {quoted(entry)}: invalid start IP {quoted(first)}")
    end = parse_ip(last.strip() if drops_spaces else last)
    if end is None:
        raise RefusedError(f"invalid IP range {quoted(entry)}: invalid end IP {quoted(last)}")
    if _is_refused_range(start, end, number):
        start_text, end_text = quoted(str(start)), quoted(str(end))
        raise RefusedError(
            f"invalid IP range {quoted(entry)}: start IP {start_text} is after the end IP"
            f" {end_text}"
        )
    return networks_of_range(start, end)


def _is_refused_range(start: Address, end: Address, number: Number) -> bool:
    """Return whether a release refuses a range; v0.11 alone refuses one of a single address."""
    if number < (0, 11, 0):
        return False
    start_bytes, end_bytes = _comparable(start), _comparable(end)
    is_single = start_bytes == end_bytes
    return start_bytes > end_bytes or (is_single and number < (0, 12, 0))


def _comparable(address: Address) -> bytes:
    """Return the bytes that Go compares: it holds an IPv4 address as ::ffff:a.b.c.d."""
    prefix = b"\0" * 10 + b"\xff\xff" if address.version == 4 else b""
    return prefix + address.packed


def networks_of_range(start: Address, end: Address) -> List[Network]:
    """Return the fewest networks that hold a range; none for a range without addresses."""
    if start.version != end.version or int(start) > int(end):
        return []
    return list(ipaddress.summarize_address_range(start, end))  # type: ignore[type-var]


def is_buggy(address: Address) -> bool:
    """Return whether `avoid-buggy-ips` excludes an address: .0 and .255 of IPv4."""
    return address.version == 4 and address.packed[-1] in (0, 255)


def count_addresses(networks: Iterable[Network], avoids_buggy: bool) -> int:
    """Return the number of addresses that a pool hands out."""
    return sum(
        network.num_addresses - (_count_buggy(network) if avoids_buggy else 0)
        for network in networks
    )


def _count_buggy(network: Network) -> int:
    if network.version != 4:
        return 0
    if network.prefixlen <= 24:
        return 2 * network.num_addresses // 256
    ends = (network.network_address, network.broadcast_address)
    return len({address for address in ends if is_buggy(address)})
