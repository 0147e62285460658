"""Rules about the virtual address of the API servers, which keepalived moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....address_spans import Span, read_span, span_of_network
from ....findings import KeyPath, Severity
from ....site.roles import Role
from ..facts import Facts
from ..rule import CLUSTER_KEYS, PLACEMENT_KEYS, Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.kubernetes import Keepalived
    from ....site.model import Site

_BALANCER = "kubeapi-load-balancer"
_PATH: KeyPath = ("kubernetes", "keepalived")
_ADDRESS: KeyPath = (*_PATH, "address")


def _keepalived(facts: Facts) -> Keepalived | None:
    """Return the section of a site whose profile has the charm (BL159 reports the others)."""
    section = facts.site.kubernetes.keepalived if facts.site else None
    is_deployed = facts.profile is not None and "keepalived" in facts.profile.sections
    return section if is_deployed else None


@rule("BL166", Severity.ERROR, depends_on=PLACEMENT_KEYS + CLUSTER_KEYS)
def virtual_address_without_use(facts: Facts) -> Iterator[Violation]:
    """Yield the virtual address that cannot lead to a load balancer."""
    site, keepalived = facts.site, _keepalived(facts)
    if site is None or keepalived is None:
        return
    if not facts.applications_of(_BALANCER):
        yield Violation(
            _PATH,
            "keepalived moves its address between the machines with the role load-balancer, and no"
            " machine has the role",
            "give two machines the role load-balancer, or name the addresses of a load balancer"
            " outside of Juju with kubernetes.api-addresses",
            in_site=True,
        )
    elif site.kubernetes.api_addresses:
        yield Violation(
            ("kubernetes", "api-addresses"),
            "the addresses of another load balancer and the virtual address of keepalived exclude"
            " each other, because the API servers announce one of them",
            "remove api-addresses, or the section keepalived",
            in_site=True,
        )
    user = next((name for name, span in _taken(site) if _contains(span, keepalived)), "")
    if user:
        yield Violation(
            _ADDRESS,
            f"the virtual address {keepalived.address} {user}",
            "write an address of the machines' network that nothing else uses",
            in_site=True,
        )
    elif _is_outside(site, keepalived):
        yield Violation(
            _ADDRESS,
            f"the virtual address {keepalived.address} is in none of the machines' networks, so"
            " nothing reaches it",
            "write a free address of the network that the load balancers are in",
            in_site=True,
        )
    for name in _distant_balancers(site, keepalived):
        yield Violation(
            ("machines", name, "addresses"),
            f"machine {name} has no address in the network of the virtual address"
            f" {keepalived.address}, so keepalived cannot move it there",
            f"give the role load-balancer to another machine than {name}, or name its address in"
            " that network",
            in_site=True,
        )


@rule("BL167", Severity.WARNING, depends_on=PLACEMENT_KEYS + CLUSTER_KEYS)
def keepalived_with_one_balancer(facts: Facts) -> Iterator[Violation]:
    """Yield the section `keepalived` of a lab with one load balancer."""
    balancers = [name for name, _ in facts.applications_of(_BALANCER)]
    if _keepalived(facts) and sum(map(facts.unit_count, balancers)) == 1:
        yield Violation(
            _PATH,
            "the lab has one load balancer, so keepalived has no other machine to move the address"
            " to",
            "give a second machine the role load-balancer, or remove the section",
            in_site=True,
        )


def _taken(site: Site) -> Iterator[tuple[str, Span]]:
    """Yield why addresses of the lab are not free; BL031 compares the pools with the address."""
    for name, machine in site.machines.items():
        for address in machine.addresses:
            yield f"belongs to machine {name}", Span(address, address)
    for name, lan in site.networks.of_machines.items():
        for text in lan.dhcp:
            yield f"belongs to the DHCP range {text}", read_span(text)
        if lan.gateway is not None:
            yield f"belongs to the gateway of networks.{name}", Span(lan.gateway, lan.gateway)
        # IPv6 has no broadcast, and both addresses of a /31 are usable (RFC 3021).
        if lan.cidr.version == 4 and lan.cidr.prefixlen < 31:
            first, last = lan.cidr.network_address, lan.cidr.broadcast_address
            yield f"is the network address of networks.{name}", Span(first, first)
            yield f"is the broadcast address of networks.{name}", Span(last, last)


def _contains(span: Span, keepalived: Keepalived) -> bool:
    return span.contains(Span(keepalived.address, keepalived.address))


def _distant_balancers(site: Site, keepalived: Keepalived) -> Iterator[str]:
    """Yield the load balancers with addresses in other networks only, such as another rack's."""
    networks = [lan.cidr for lan in site.networks.of_machines.values()]
    shared = [network for network in networks if keepalived.address in network]
    for name, machine in site.machines.items() if shared else ():
        is_near = any(address in network for address in machine.addresses for network in shared)
        if Role.LOAD_BALANCER in machine.roles and machine.addresses and not is_near:
            yield name


def _is_outside(site: Site, keepalived: Keepalived) -> bool:
    """Return whether no network has the address; False where the site names no network."""
    spans = [span_of_network(lan.cidr) for lan in site.networks.of_machines.values()]
    return bool(spans) and not any(_contains(span, keepalived) for span in spans)
