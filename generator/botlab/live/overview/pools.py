"""The used and free addresses of MetalLB's pools."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from ...address_spans import AnyAddress, Span
from ...rules.lab.options.address_pools import AddressPool, address_pools
from ..cluster.model import LoadBalancer
from ..lab import Lab
from .model import PoolRow


def pool_rows(lab: Lab, balancers: Sequence[LoadBalancer] | None) -> tuple[PoolRow, ...]:
    """Return the pools of the bundle.

    Args:
        lab: The lab.
        balancers: The services of the type LoadBalancer; None if they could not be read.
    """
    used = None if balancers is None else _used_addresses(balancers)
    return tuple(_row(pool, used) for pool in address_pools(lab.facts))


def _used_addresses(balancers: Sequence[LoadBalancer]) -> set[AnyAddress]:
    addresses: set[AnyAddress] = set()
    for text in (text for balancer in balancers for text in balancer.addresses):
        try:
            addresses.add(ipaddress.ip_address(text))
        except ValueError:
            continue  # A load balancer outside of the lab may give a host name.
    return addresses


def _row(pool: AddressPool, used: set[AnyAddress] | None) -> PoolRow:
    spans = [entry.span for entry in pool.entries if entry.span]
    return PoolRow(
        str(pool.option_path[1]),
        pool.name,
        tuple(entry.text for entry in pool.entries),
        sum(span.size() for span in spans),
        None if used is None else sum(1 for address in used if _is_in(address, spans)),
    )


def _is_in(address: AnyAddress, spans: Sequence[Span]) -> bool:
    return any(span.overlaps(Span(address, address)) for span in spans)
