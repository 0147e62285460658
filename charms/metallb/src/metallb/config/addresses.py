"""Addresses as Go's net package and MetalLB read them."""

import ipaddress
import re
from typing import Any, List, Tuple

Network = Any  # ipaddress.IPv4Network or IPv6Network; the stubs of 3.6 have no common name
Address = Any
# Go refuses octets with leading zeros (since 1.17); Python 3.6 reads them as decimal.
_LEADING_ZERO = re.compile(r"(^|\.)0\d")


class AddressError(Exception):
    """No address, network or range; the text is MetalLB's."""


def quoted(text: str) -> str:
    """Quote as Go's %q does for text that a person writes."""
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def parse_ip(text: str) -> Address:
    """Return an address; None when it is none."""
    if _LEADING_ZERO.search(text) or "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def parse_cidr(text: str) -> Network:
    """Return the network of ADDRESS/BITS; host bits are dropped, as Go does.

    Raises:
        AddressError: When it is none.
    """
    address, slash, bits = text.partition("/")
    if slash and bits.isdigit() and parse_ip(address) is not None:
        try:
            return ipaddress.ip_network(text, strict=False)
        except ValueError:
            pass
    raise AddressError("invalid CIDR %s" % quoted(text))


def networks(text: str, trims: bool, ordered: str) -> List[Network]:
    """Return the networks of a pool's entry: a CIDR, or FIRST-LAST.

    Args:
        text: The entry.
        trims: Whether spaces around the dash are taken (from 0.9.2 on).
        ordered: What the release refuses of a range: "" nothing, ">" one that ends before it
            starts, ">=" also one of a single address (0.11 alone).

    Returns:
        None at all where a release takes a range that holds nothing.

    Raises:
        AddressError: With MetalLB's words.
    """
    if "-" not in text:
        return [parse_cidr(text)]
    first, _, last = text.partition("-")
    start = parse_ip(first.strip() if trims else first)
    if start is None:
        raise AddressError("invalid IP range %s: invalid start IP %s" % _pair(text, first))
    end = parse_ip(last.strip() if trims else last)
    if end is None:
        raise AddressError("invalid IP range %s: invalid end IP %s" % _pair(text, last))
    if _refused(start, end, ordered):
        told = "invalid IP range %s: start IP %s is after the end IP %s"
        raise AddressError(told % (quoted(text), quoted(str(start)), quoted(str(end))))
    return span(start, end)


def span(start: Address, end: Address) -> List[Network]:
    """Return the fewest networks from one address to another; none where there are none."""
    if start.version != end.version or start > end:
        return []
    return list(ipaddress.summarize_address_range(start, end))


def _pair(text: str, end: str) -> Tuple[str, str]:
    return quoted(text), quoted(end)


def _refused(start: Address, end: Address, ordered: str) -> bool:
    # Go holds an IPv4 address as ::ffff:a.b.c.d when it compares.
    one, other = _bytes(start), _bytes(end)
    return bool(ordered) and (one > other or (one == other and "=" in ordered))


def _bytes(address: Address) -> bytes:
    prefix = b"\0" * 10 + b"\xff\xff" if address.version == 4 else b""
    return prefix + bytes(address.packed)


def is_buggy(address: Address) -> bool:
    """Tell whether `avoid-buggy-ips` leaves an address out: .0 and .255 of IPv4."""
    return address.version == 4 and address.packed[-1] in (0, 255)


def count(found: List[Network], avoids_buggy: bool) -> int:
    """Count the addresses of a pool."""
    total = sum(network.num_addresses for network in found)
    if avoids_buggy:
        total -= sum(_buggy(network) for network in found if network.version == 4)
    return int(total)


def _buggy(network: Network) -> int:
    if network.prefixlen <= 24:
        return 2 * int(network.num_addresses) // 256
    ends = (network.network_address, network.broadcast_address)
    return len({address for address in ends if is_buggy(address)})
