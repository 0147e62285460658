"""Ranges of addresses, and the addresses that `avoid-buggy-ips` excludes."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from metallb.config.addresses import count_addresses, is_buggy, networks_of_range

ADDRESSES = st.integers(0, 2**16 - 1).map(lambda low: IPv4Address((10 << 24) + low))


@given(ADDRESSES, ADDRESSES)
def test_range_has_exactly_its_addresses(start: IPv4Address, end: IPv4Address) -> None:
    """As many as from the first to the last, and none where the range ends before it starts."""
    networks = networks_of_range(start, end)
    size = max(int(end) - int(start) + 1, 0)
    assert count_addresses(networks, avoids_buggy=False) == size
    if size <= 2**10:
        numbers = [n for n in range(int(start), int(end) + 1) if n % 256 not in (0, 255)]
        assert count_addresses(networks, avoids_buggy=True) == len(numbers)


def test_only_ipv4_has_buggy_addresses() -> None:
    """Addresses that end in .0 or .255."""
    assert is_buggy(ipaddress.ip_address("10.0.0.255"))
    assert not is_buggy(ipaddress.ip_address("fd00::ff"))
