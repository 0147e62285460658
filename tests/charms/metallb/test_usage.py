"""Who has which address, and what a change would take away."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metallb.cluster.usage import clashes, differ, stranded, tally, used
from metallb.config.addresses import count, is_buggy, span
from metallb.config.durations import DurationError, parse_duration
from metallb.config.validate import Pool


def pool(name: str, *texts: str, buggy: bool = False) -> Pool:
    """Return a layer-2 pool."""
    return Pool(name, "layer2", tuple(map(ipaddress.ip_network, texts)), buggy)


def service(name: str, address: str, kind: str = "LoadBalancer", asks: str = "") -> dict[str, Any]:
    """Return a service that was given an address."""
    notes = {"metallb.universe.tf/address-pool": asks} if asks else {}
    return {
        "metadata": {"name": name, "namespace": "default", "annotations": notes},
        "spec": {"type": kind},
        "status": {"loadBalancer": {"ingress": [{"ip": address}] if address else None}},
    }


BEFORE = [pool("a", "10.0.0.0/28"), pool("b", "10.0.1.0/28")]
SERVICES = [
    service("one", "10.0.0.1"),
    service("two", "10.0.1.1", asks="b"),
    service("others", "172.16.0.1"),
    service("waits", ""),
    service("inner", "10.0.0.2", kind="ClusterIP"),
]


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        (BEFORE, []),
        ([pool("a", "10.0.0.0/24"), pool("b", "10.0.1.0/24")], []),
        (BEFORE[1:], ["default/one (10.0.0.1)"]),
        ([BEFORE[0], pool("c", "10.0.1.0/28")], ["default/two (10.0.1.1, asks for pool b)"]),
        ([], ["default/one (10.0.0.1)", "default/two (10.0.1.1)"]),
    ],
)
def test_what_a_change_takes_away(after: list[Pool], lost: list[str]) -> None:
    """Named by service; another load balancer's address is none of ours."""
    assert stranded(used(SERVICES), BEFORE, after) == lost


def test_addresses_that_are_left_out_are_lost_too() -> None:
    """.0 and .255 go when a pool begins to avoid them."""
    found = used([service("zero", "10.0.0.0")])
    assert stranded(found, BEFORE, [pool("a", "10.0.0.0/28", buggy=True)])


def test_the_tally() -> None:
    """In use and in all; one address that two services share counts once."""
    shared = [*SERVICES, service("shares", "10.0.0.1")]
    assert tally(used(shared), BEFORE) == (2, 32)


def test_clashes_are_named() -> None:
    """Once for each pool and each that it overlaps."""
    node = ("the node n1", ipaddress.ip_network("10.0.0.5/32"))
    (told,) = clashes(BEFORE, [node])
    assert told.startswith('pool "a": 10.0.0.0/28 overlaps the node n1 10.0.0.5/32')


def test_another_order_is_no_change() -> None:
    """Custom resources come back sorted by name."""
    assert not differ(BEFORE, BEFORE[::-1])
    assert differ(BEFORE, BEFORE[:1])


ADDRESSES = st.integers(0, 2**16 - 1).map(lambda low: ipaddress.ip_address((10 << 24) + low))


@given(ADDRESSES, ADDRESSES)
def test_a_span_holds_exactly_its_addresses(one: Any, other: Any) -> None:
    """As many as from the one to the other, and none where it ends before it starts."""
    networks = span(one, other)
    whole = max(int(other) - int(one) + 1, 0)
    assert count(networks, avoids_buggy=False) == whole
    if whole <= 2**10:
        good = [n for n in range(int(one), int(other) + 1) if n % 256 not in (0, 255)]
        assert count(networks, avoids_buggy=True) == len(good)


def test_buggy_addresses() -> None:
    """IPv4 alone has them."""
    assert is_buggy(ipaddress.ip_address("10.0.0.255"))
    assert not is_buggy(ipaddress.ip_address("fd00::ff"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1m30s", 90), ("1.5h", 5400), ("-2s", -2), ("+3ms", 0.003), ("0", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    """As Go reads them."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "1", "1y", "1s2", "--1s"])
def test_no_durations(text: str) -> None:
    """Go refuses these."""
    with pytest.raises(DurationError):
        parse_duration(text)
