"""Rules about MetalLB: its release, and the addresses that it hands out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ...catalogue.kubernetes import Version, version_text
from ...catalogue.metallb import Release, find_release, is_release_name, releases
from ...findings import Severity
from ...site.addresses import Span, read_span, span_of_network
from .facts import Facts
from .pools import METALLB, pools, spans
from .rule import Hit, rule


def _places(facts: Facts) -> Iterator[tuple[str, Span]]:
    """Yield what an address pool must keep clear of."""
    if facts.site is None:
        return
    networks = facts.site.networks
    yield "the pod network", span_of_network(networks.pods)
    yield "the service network", span_of_network(networks.services)
    if networks.lan is not None:
        for text in networks.lan.dhcp:
            yield f"the DHCP range {text}", read_span(text)
        if networks.lan.gateway is not None:
            yield "the gateway", Span(networks.lan.gateway, networks.lan.gateway)
    for name, machine in facts.site.machines.items():
        for address in machine.addresses:
            yield f"machine {name} ({address})", Span(address, address)


@rule(
    "BL031",
    "Address pool overlaps something",
    Severity.ERROR,
    """MetalLB answers for every address of a pool; one that belongs to a machine, the gateway,
    DHCP, pods or services then answers twice or not at all.""",
)
def pool_overlap(facts: Facts) -> Iterator[Hit]:
    """Find pools that overlap addresses in use."""
    found = spans(facts)
    places = list(_places(facts)) if found else []
    for pool, at, span in found:
        for what, other in places:
            if span.overlaps(other):
                yield Hit(
                    at,
                    f"pool {pool.name} ({span.first}-{span.last}) overlaps {what}",
                    "choose addresses that nothing else uses",
                )


@rule(
    "BL032",
    "Two address pools overlap",
    Severity.ERROR,
    """MetalLB refuses a configuration whose pools share addresses, and then serves none of
    them.""",
)
def pools_overlap(facts: Facts) -> Iterator[Hit]:
    """Find two ranges that share addresses."""
    ordered = sorted(spans(facts), key=lambda item: (item[2].first.version, int(item[2].first)))
    for left, right in itertools.pairwise(ordered):
        if left[2].overlaps(right[2]):
            yield Hit(
                right[1],
                f"pool {right[0].name} shares addresses with pool {left[0].name}",
                "give each pool addresses of its own",
            )


@rule(
    "BL033",
    "Layer-2 pool outside the machines' network",
    Severity.WARNING,
    """In layer-2 mode an address is announced by ARP, which does not leave the network.""",
)
def pool_outside_lan(facts: Facts) -> Iterator[Hit]:
    """Find layer-2 ranges outside networks.lan."""
    if facts.site is None or facts.site.networks.lan is None:
        return
    lan = facts.site.networks.lan.cidr
    for pool, at, span in spans(facts):
        if pool.protocol == "layer2" and not (span.first in lan and span.last in lan):
            yield Hit(
                at,
                f"pool {pool.name} ({span.first}-{span.last}) is not inside the LAN {lan}",
                "take addresses of the LAN, or announce the pool by bgp",
            )


@rule(
    "BL036",
    "bgp pool without a router",
    Severity.ERROR,
    """A bgp pool is announced to peers; without one its addresses are never reachable.""",
)
def bgp_without_peers(facts: Facts) -> Iterator[Hit]:
    """Find bgp pools beside which no peer is named."""
    for pool in pools(facts):
        if pool.protocol == "bgp" and not pool.peers:
            yield Hit(
                (*pool.at, "protocol"),
                f"pool {pool.name} is announced by bgp, but metallb.peers names no router",
                "add metallb.peers with peer-address, peer-asn and my-asn",
            )


@rule(
    "BL065",
    "MetalLB that does not fit the Kubernetes",
    Severity.ERROR,
    """MetalLB's objects are of API versions that came and went: PodSecurityPolicy left with
    1.25, and custom resources v1 and validation rules in them are not in old servers. The API
    server refuses the objects then. Up to 0.12 the charm makes the objects itself, of the
    releases that it has; later ones it takes by any name of three numbers.""",
)
def metallb_fit(facts: Facts) -> Iterator[Hit]:
    """Find a MetalLB that the charm does not have, or that the Kubernetes does not take."""
    for name, _ in facts.named(METALLB):
        wish = facts.option(name, "version").strip()
        told = _unfit(wish, find_release(wish), facts.kubernetes) if wish else None
        if told is not None:
            yield Hit(("applications", name, "options", "version"), *told)


def _unfit(
    wish: str, release: Release | None, kubernetes: Version | None
) -> tuple[str, str] | None:
    """Tell what is wrong with a wish and how to mend it; None when nothing is."""
    known = ", ".join(one.name for one in releases() if kubernetes is None or one.fits(kubernetes))
    if release is None:
        exists = is_release_name(wish)
        told = "none that the charm makes" if exists else "no release, which has three numbers"
        return f"MetalLB {wish} is {told}", f"leave the version out, or use one of {known}"
    if kubernetes is None or release.fits(kubernetes):
        return None
    return (
        f"MetalLB {wish} runs on Kubernetes {release.kubernetes}; the site has"
        f" {version_text(kubernetes)}",
        f"leave the version out, or use one of {known}",
    )


@rule(
    "BL086",
    "Address pools that the charm does not take",
    Severity.ERROR,
    """The charm takes one of its options addresses and pools. MetalLB keeps its old configuration
    when it cannot read the new one, so the charm waits until its options can be read.""",
)
def unread_pools(facts: Facts) -> Iterator[Hit]:
    """Find options of metallb that stand beside each other, or hold no addresses."""
    for name, _ in facts.named(METALLB):
        options = ("applications", name, "options")
        full = facts.option(name, "pools").strip()
        if full and facts.option(name, "addresses").strip():
            told = "the options addresses and pools are both set"
            yield Hit((*options, "pools"), told, "keep one of the two")
        if full and not isinstance(facts.document(name, "pools"), dict | list):
            told = "the option pools is neither MetalLB's document nor a list of pools"
            yield Hit((*options, "pools"), told, "write address-pools: [{name: ..., ...}]")
    for pool in pools(facts):
        for entry in pool.entries:
            if entry.span is None:
                told = f"pool {pool.name} holds {entry.text!r}, which is no range of addresses"
                yield Hit(entry.at, told, "write FIRST-LAST or NETWORK/BITS, the lower one first")
