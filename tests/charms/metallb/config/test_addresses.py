"""Ranges of addresses, and the addresses that `avoid-buggy-ips` excludes."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metallb.config.addresses import (
    count_addresses,
    is_buggy,
    networks_of_range,
    parse_cidr,
    parse_ip,
)
from metallb.config.errors import RefusedError

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


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("fd00::1", "fd00::1"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - text of an address
        ("10.0.0.01", None),
        ("fe80::1%eth0", None),
        ("10.0.0", None),
        ("", None),
    ],
)
def test_address_is_read_as_go_reads_it(text: str, address: str | None) -> None:
    """Without leading zeros and zones."""
    assert parse_ip(text) == (address and ipaddress.ip_address(address))


def test_host_bits_of_a_network_are_dropped() -> None:
    assert parse_cidr("10.0.0.9/28") == ipaddress.ip_network("10.0.0.0/28")
    assert parse_cidr("fd00::1/64") == ipaddress.ip_network("fd00::/64")


@pytest.mark.parametrize("text", ["10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/a", "x/8"])
def test_text_that_is_not_a_network_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as raised:
        parse_cidr(text)
    assert str(raised.value) == f'invalid CIDR "{text}"'
