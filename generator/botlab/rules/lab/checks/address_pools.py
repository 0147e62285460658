"""Rules about MetalLB's address pools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....findings import Severity
from ....site.addresses import Span, read_span, span_of_network
from ..facts import Facts
from ..options.address_pools import METALLB, address_pools, pool_ranges
from ..rule import Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.kubernetes import Lan
    from ....site.model import Site


@rule("BL031", Severity.ERROR)
def pool_overlaps_used_addresses(facts: Facts) -> Iterator[Violation]:
    """Yield the ranges of pools that overlap addresses in use."""
    ranges = pool_ranges(facts)
    used = list(_used_addresses(facts.site)) if facts.site and ranges else []
    for pool_range in ranges:
        for user, span in used:
            if pool_range.span.overlaps(span):
                yield Violation(
                    pool_range.path,
                    f"{pool_range} overlaps {user}",
                    "choose addresses that nothing else uses",
                )


def _used_addresses(site: Site) -> Iterator[tuple[str, Span]]:
    """Yield the addresses that a pool must not contain, and what uses them."""
    yield "the pod network", span_of_network(site.networks.pods)
    yield "the service network", span_of_network(site.networks.services)
    if site.networks.lan is not None:
        yield from _used_in_lan(site.networks.lan)
    for name, machine in site.machines.items():
        for address in machine.addresses:
            yield f"machine {name} ({address})", Span(address, address)


def _used_in_lan(lan: Lan) -> Iterator[tuple[str, Span]]:
    for text in lan.dhcp:
        yield f"the DHCP range {text}", read_span(text)
    if lan.gateway is not None:
        yield "the gateway", Span(lan.gateway, lan.gateway)


@rule("BL032", Severity.ERROR)
def pools_overlap(facts: Facts) -> Iterator[Violation]:
    """Yield the ranges that share addresses with another range of the pools."""
    ordered = sorted(
        pool_ranges(facts), key=lambda entry: (entry.span.first.version, int(entry.span.first))
    )
    for lower, upper in itertools.pairwise(ordered):
        if lower.span.overlaps(upper.span):
            yield Violation(
                upper.path,
                f"pool {upper.pool.name} shares addresses with pool {lower.pool.name}",
                "give each pool its own addresses",
            )


@rule("BL033", Severity.WARNING)
def layer2_pool_outside_lan(facts: Facts) -> Iterator[Violation]:
    """Yield the ranges of layer-2 pools that are not inside networks.lan."""
    if facts.site is None or facts.site.networks.lan is None:
        return
    lan = facts.site.networks.lan.cidr
    for pool_range in pool_ranges(facts):
        is_inside = pool_range.span.first in lan and pool_range.span.last in lan
        if pool_range.pool.protocol == "layer2" and not is_inside:
            yield Violation(
                pool_range.path,
                f"{pool_range} is not inside the LAN {lan}",
                "use addresses of the LAN, or announce the pool by BGP (protocol: bgp)",
            )


@rule("BL036", Severity.ERROR)
def bgp_pool_without_peers(facts: Facts) -> Iterator[Violation]:
    """Yield the BGP pools of configurations that do not name a router."""
    for pool in address_pools(facts):
        if pool.protocol == "bgp" and not pool.has_peers:
            yield Violation(
                (*pool.path, "protocol"),
                f"pool {pool.name} is announced by BGP, but metallb.peers does not name a router",
                "add metallb.peers with peer-address, peer-asn and my-asn",
            )


@rule("BL086", Severity.ERROR)
def unreadable_pools(facts: Facts) -> Iterator[Violation]:
    """Yield the options of metallb that conflict, or that do not hold address pools."""
    for name, _ in facts.applications_of(METALLB):
        path = ("applications", name, "options", "pools")
        pools = facts.option(name, "pools").strip()
        if pools and facts.option(name, "addresses").strip():
            yield Violation(
                path, "the options addresses and pools are both set", "keep one of the two"
            )
        if pools and not isinstance(facts.yaml_option(name, "pools"), dict | list):
            yield Violation(
                path,
                "the option pools holds neither MetalLB's configuration nor a list of pools",
                "write address-pools: [{name: ..., ...}]",
            )
    for pool in address_pools(facts):
        for entry in pool.entries:
            if entry.span is None:
                yield Violation(
                    entry.path,
                    f"{entry.text!r} in pool {pool.name} is not a range of addresses",
                    "write FIRST-LAST with the lower address first, or NETWORK/BITS",
                )
