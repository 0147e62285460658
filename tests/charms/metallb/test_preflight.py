"""The checks before a change of pools is applied."""

from __future__ import annotations

import ipaddress

from metallb.cluster.networks import UsedNetwork
from metallb.config.pools import Pool
from metallb.preflight import have_different_addresses, overlaps

POOLS = [
    Pool("a", "layer2", (ipaddress.ip_network("10.0.0.0/28"),), avoids_buggy=False),
    Pool("b", "layer2", (ipaddress.ip_network("10.0.1.0/28"),), avoids_buggy=False),
]


def test_overlap_is_reported_once_for_each_pool_and_network() -> None:
    node = UsedNetwork("the node n1", ipaddress.ip_network("10.0.0.5/32"))
    (message,) = overlaps(POOLS, [node])
    assert message == "pool a overlaps the node n1 10.0.0.5/32; use other addresses"


def test_another_order_of_pools_is_not_a_change() -> None:
    """Custom resources come back sorted by name."""
    assert not have_different_addresses(POOLS, POOLS[::-1])
    assert have_different_addresses(POOLS, POOLS[:1])
