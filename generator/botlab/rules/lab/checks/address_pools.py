"""Rules about MetalLB's address pools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....address_spans import Span, read_span, span_of_network
from ....findings import Severity
from ....site.external_exports import server_address
from ..facts import Facts
from ..options.address_pools import METALLB, address_pools, pool_ranges
from ..rule import Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.model import Site
    from ....site.networks import Lan


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
    for network in site.networks.of_pods:
        yield "the pod network", span_of_network(network)
    for network in site.networks.of_services:
        yield "the service network", span_of_network(network)
    for network in site.networks.of_machines.values():
        yield from _used_in_lan(network)
    for address in site.kubernetes.api_addresses:
        yield f"the address of the API servers ({address})", Span(address, address)
    if site.kubernetes.keepalived:
        address = site.kubernetes.keepalived.address
        yield f"the virtual address of the API servers ({address})", Span(address, address)
    for nfs in site.nfs_sections.values():
        address = server_address(nfs.external)
        if address is not None:
            yield f"the NFS server {address}", Span(address, address)
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
    """Yield the ranges of layer-2 pools that are not inside a network of the machines.

    An IP version that the site names no network of is not checked.
    """
    networks = [lan.cidr for lan in _machine_networks(facts).values()]
    spans = [span_of_network(network) for network in networks]
    versions = {network.version for network in networks}
    named = " or ".join(map(str, networks))
    for pool_range in pool_ranges(facts):
        is_known = pool_range.span.first.version in versions or len(versions) == 1
        is_inside = any(span.contains(pool_range.span) for span in spans)
        if pool_range.pool.protocol == "layer2" and is_known and networks and not is_inside:
            yield Violation(
                pool_range.path,
                f"{pool_range} is not inside the LAN {named}",
                "use addresses of the LAN, or announce the pool by BGP (protocol: bgp)",
            )


def _machine_networks(facts: Facts) -> dict[str, Lan]:
    return facts.site.networks.of_machines if facts.site else {}


@rule("BL157", Severity.WARNING)
def layer2_pools_of_several_networks(facts: Facts) -> Iterator[Violation]:
    """Yield the layer-2 pools of another network than the first one's, such as another rack's."""
    spans = {name: span_of_network(lan.cidr) for name, lan in _machine_networks(facts).items()}
    first: dict[int, str] = {}
    for pool_range in pool_ranges(facts):
        name = next((key for key, span in spans.items() if span.contains(pool_range.span)), "")
        if not name or pool_range.pool.protocol != "layer2":
            continue
        version = pool_range.span.first.version
        if first.setdefault(version, name) != name:
            yield Violation(
                pool_range.path,
                f"{pool_range} is in networks.{name}, and another layer-2 pool in"
                f" networks.{first[version]}; nodes of any network may announce both",
                "announce the pools by BGP, with a router of each network (metallb.peers with"
                " node-labels)",
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
