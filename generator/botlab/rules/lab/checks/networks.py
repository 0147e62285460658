"""Rules about networks, the addresses of machines, and the proxy."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....address_spans import AnyNetwork, Span, overlapping, read_span, span_of_network
from ....catalogue.kubernetes import version_text
from ....findings import KeyPath, Severity, Suggestions, use_one_of
from ..facts import CONTROL_PLANES, WORKER, Facts
from ..rule import CLUSTER_KEYS, Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.networks import Lan, Networks

# The prefix length of the part of the pod network that each node gets. It is flannel's default
# SubnetLen, 24, the default size of Calico's blocks, 26 (blockSize), and the default of cilium's
# option cluster-pool-ipv4-mask-size, 24.
_NODE_PREFIXES = {"flannel": 24, "calico": 26, "cilium": 24}

# More overlaps of a network do not show more faults, nor do more networks in a message.
_MOST_OVERLAPS = 10
_MOST_NETWORKS = 10

# The first release in which dual stack is switched on without a feature gate (Kubernetes 1.21).
_DUAL_STACK_SINCE = (1, 21)
# The page of Charmed Kubernetes about IPv6 names no other network.
_DUAL_STACK_NETWORK = "calico"


@rule("BL034", Severity.ERROR)
def overlapping_networks(facts: Facts) -> Iterator[Violation]:
    """Yield the pairs of networks, among pods, services and the LAN, that overlap."""
    networks = list(_named_networks(facts.site.networks)) if facts.site else []
    for first, second in overlapping([span for _, span in networks], _MOST_OVERLAPS):
        path, other_path = networks[first][0], networks[second][0]
        yield Violation(
            path,
            f"networks.{path[1]} overlaps networks.{other_path[1]}",
            "choose a private network that nothing else uses",
            in_site=True,
        )


def _named_networks(networks: Networks) -> Iterator[tuple[KeyPath, Span]]:
    yield ("networks", "pods"), span_of_network(networks.pods)
    yield ("networks", "services"), span_of_network(networks.services)
    if networks.pods_ipv6 is not None:
        yield ("networks", "pods-ipv6"), span_of_network(networks.pods_ipv6)
    if networks.services_ipv6 is not None:
        yield ("networks", "services-ipv6"), span_of_network(networks.services_ipv6)
    for name, network in networks.of_machines.items():
        yield ("networks", name, "cidr"), span_of_network(network.cidr)


@rule("BL035", Severity.ERROR)
def repeated_address(facts: Facts) -> Iterator[Violation]:
    """Yield the machine addresses that an earlier machine has too."""
    owners: dict[object, str] = {}
    for name, machine in facts.site.machines.items() if facts.site else ():
        for index, address in enumerate(machine.addresses):
            if address in owners:
                yield Violation(
                    ("machines", name, "addresses", index),
                    f"{address} is also an address of {owners[address]}",
                    "write the addresses that each machine really has",
                    in_site=True,
                )
            owners.setdefault(address, name)


@rule("BL063", Severity.WARNING)
def machine_outside_lan(facts: Facts) -> Iterator[Violation]:
    """Yield the machines that have addresses, but none in a network of the machines."""
    networks = [lan.cidr for lan in facts.site.networks.of_machines.values()] if facts.site else []
    parts = [*map(str, networks[:_MOST_NETWORKS])]
    more = len(networks) - len(parts)
    names = " or ".join([*parts, f"{more} other networks"] if more else parts)
    lans = frozenset(networks)
    lengths = {(network.version, network.prefixlen) for network in lans}
    for name, machine in facts.site.machines.items() if facts.site and networks else ():
        is_inside = any(
            ipaddress.ip_network((address, length), strict=False) in lans
            for address in machine.addresses
            for version, length in lengths
            if version == address.version
        )
        if machine.addresses and not is_inside:
            yield Violation(
                ("machines", name, "addresses"),
                f"{name} has no address in the LAN {names}",
                "add the machine's address in the LAN, or correct networks.lan.cidr",
                in_site=True,
            )


@rule("BL064", Severity.ERROR)
def lan_part_outside_lan(facts: Facts) -> Iterator[Violation]:
    """Yield the gateways and the DHCP ranges that are not inside their network."""
    for name, lan in facts.site.networks.of_machines.items() if facts.site else ():
        title = "LAN" if name == "lan" else "network"
        for path, part, span in _parts(lan):
            if not span_of_network(lan.cidr).contains(span):
                yield Violation(
                    ("networks", name, *path),
                    f"{part} is not inside the {title} {lan.cidr}",
                    f"correct this address or range, or networks.{name}.cidr",
                    in_site=True,
                )


def _parts(lan: Lan) -> Iterator[tuple[KeyPath, str, Span]]:
    for index, text in enumerate(lan.dhcp):
        yield ("dhcp", index), f"the DHCP range {text}", read_span(text)
    if lan.gateway is not None:
        yield ("gateway",), f"the gateway {lan.gateway}", Span(lan.gateway, lan.gateway)


@rule("BL068", Severity.ERROR)
def small_pod_network(facts: Facts) -> Iterator[Violation]:
    """Yield the pod network when it cannot give every node its part."""
    pods = facts.site.networks.pods if facts.site else None
    if pods is None or pods.version != 4:
        return
    for name, prefix in _NODE_PREFIXES.items():
        if not facts.applications_of(name):
            continue
        hosts = {host for host, _ in facts.applications_of(WORKER, *CONTROL_PLANES)}
        nodes = {unit.placement for unit in facts.units if unit.application in hosts}
        capacity = 2 ** max(0, prefix - pods.prefixlen)
        if len(nodes) > capacity:
            yield Violation(
                ("networks", "pods"),
                f"{pods} is large enough for {capacity} nodes of {name}, and the site has"
                f" {len(nodes)}",
                "use a larger network, such as 10.1.0.0/16",
                in_site=True,
            )


@rule("BL069", Severity.WARNING)
def proxied_lan(facts: Facts) -> Iterator[Violation]:
    """Yield the proxy exceptions of a site when they do not include the machines' networks."""
    site = facts.site
    if site is None or site.proxy is None or not site.proxy.is_used:
        return
    for network in site.networks.of_machines.values():
        if not _is_excepted(network.cidr, site.proxy.no_proxy):
            yield Violation(
                ("proxy", "no-proxy"),
                f"requests to the machines' own network {network.cidr} would go through the proxy",
                f"add {network.cidr} to proxy.no-proxy",
                in_site=True,
            )


def _is_excepted(lan: AnyNetwork, exceptions: list[str]) -> bool:
    """Return whether proxy exceptions include a whole network: ``*``, or a network around it."""
    networks = [network for text in exceptions if (network := _network(text)) is not None]
    return "*" in exceptions or any(
        lan.network_address in network and lan.broadcast_address in network for network in networks
    )


def _network(text: str) -> AnyNetwork | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:  # a host name, or a part of one
        return None


@rule("BL156", Severity.WARNING)
def unknown_space(facts: Facts) -> Iterator[Violation]:
    """Yield the bindings to spaces that no network of the site has."""
    networks = facts.site.networks.of_machines.values() if facts.site else ()
    spaces = sorted({network.space for network in networks if network.space})
    suggestions, existing = Suggestions(), frozenset(spaces)
    for name, application in facts.applications.items() if spaces else ():
        for endpoint, space in application.bindings.items():
            if space not in existing:
                yield Violation(
                    ("applications", name, "bindings", endpoint),
                    f"{name} is bound to the space {space}, which no network of the site has",
                    suggestions.suggest(space, spaces, use_one_of(spaces)),
                )


@rule("BL158", Severity.ERROR, depends_on=CLUSTER_KEYS)
def impossible_dual_stack(facts: Facts) -> Iterator[Violation]:
    """Yield the second networks of pods and services that the cluster cannot have."""
    site = facts.site
    if site is None:
        return
    networks = site.networks
    second = {"pods-ipv6": networks.pods_ipv6, "services-ipv6": networks.services_ipv6}
    named = [key for key, network in second.items() if network]
    for key in named:
        problem = _dual_stack_problem(facts, networks)
        if problem:
            message, fix = problem
            yield Violation(("networks", key), message, fix, in_site=True)


def _dual_stack_problem(facts: Facts, networks: Networks) -> tuple[str, str] | None:
    """Return why a cluster cannot have both IP versions, with the fix."""
    if not networks.pods_ipv6 or not networks.services_ipv6:
        return (
            "pods and services must both have a second network, or none of them",
            "set both pods-ipv6 and services-ipv6",
        )
    if [cidr.version for cidr in (*networks.of_pods, *networks.of_services)] != [4, 6, 4, 6]:
        return (
            "pods and services must be IPv4 networks, and the second ones IPv6 networks",
            "write IPv6 networks such as fd00:10:1::/64 for pods-ipv6 and fd00:10:152::/112 for"
            " services-ipv6",
        )
    network = facts.site.kubernetes.cni if facts.site else ""
    if network not in ("", _DUAL_STACK_NETWORK):
        return (
            f"the charm {network} has no support for both IP versions",
            f"use {_DUAL_STACK_NETWORK}, or remove the key",
        )
    if facts.kubernetes and facts.kubernetes < _DUAL_STACK_SINCE:
        return (
            f"Kubernetes {version_text(facts.kubernetes)} has no support for both IP versions",
            "remove the key, or use a later release of Kubernetes",
        )
    return None
