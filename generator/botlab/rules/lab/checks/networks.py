"""Rules about networks, the addresses of machines, and the proxy."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....findings import KeyPath, Severity
from ....site.addresses import AnyNetwork, Span, read_span, span_of_network
from ..facts import CONTROL_PLANES, WORKER, Facts
from ..rule import Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.kubernetes import Networks

# The prefix length of the part of the pod network that each node gets. It is flannel's default
# SubnetLen, 24, and the default size of Calico's blocks, 26 (blockSize).
_NODE_PREFIXES = {"flannel": 24, "calico": 26}


@rule("BL034", Severity.ERROR)
def overlapping_networks(facts: Facts) -> Iterator[Violation]:
    """Yield the pairs of networks, among pods, services and the LAN, that overlap."""
    networks = list(_named_networks(facts.site.networks)) if facts.site else []
    for (path, span), (other_path, other_span) in itertools.combinations(networks, 2):
        if span.overlaps(other_span):
            yield Violation(
                path,
                f"networks.{path[1]} overlaps networks.{other_path[1]}",
                "choose a private network that nothing else uses",
                in_site=True,
            )


def _named_networks(networks: Networks) -> Iterator[tuple[KeyPath, Span]]:
    yield ("networks", "pods"), span_of_network(networks.pods)
    yield ("networks", "services"), span_of_network(networks.services)
    if networks.lan is not None:
        yield ("networks", "lan", "cidr"), span_of_network(networks.lan.cidr)


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
    """Yield the machines that have addresses, but none in networks.lan."""
    lan = facts.site.networks.lan if facts.site else None
    for name, machine in facts.site.machines.items() if facts.site and lan else ():
        if lan and machine.addresses and not any(a in lan.cidr for a in machine.addresses):
            yield Violation(
                ("machines", name, "addresses"),
                f"{name} has no address in the LAN {lan.cidr}",
                "add the machine's address in the LAN, or correct networks.lan.cidr",
                in_site=True,
            )


@rule("BL064", Severity.ERROR)
def lan_part_outside_lan(facts: Facts) -> Iterator[Violation]:
    """Yield the gateway and the DHCP ranges that are not inside networks.lan.cidr."""
    lan = facts.site.networks.lan if facts.site else None
    if lan is None:
        return
    parts: list[tuple[KeyPath, str, Span]] = [
        (("dhcp", index), f"the DHCP range {text}", read_span(text))
        for index, text in enumerate(lan.dhcp)
    ]
    if lan.gateway is not None:
        gateway = Span(lan.gateway, lan.gateway)
        parts.append((("gateway",), f"the gateway {lan.gateway}", gateway))
    for path, title, span in parts:
        if span.first not in lan.cidr or span.last not in lan.cidr:
            yield Violation(
                ("networks", "lan", *path),
                f"{title} is not inside the LAN {lan.cidr}",
                "correct this address or range, or networks.lan.cidr",
                in_site=True,
            )


@rule("BL068", Severity.ERROR)
def small_pod_network(facts: Facts) -> Iterator[Violation]:
    """Yield the pod network when it cannot give every node its part."""
    pods = facts.site.networks.pods if facts.site else None
    if pods is None or pods.version != 4:
        return
    for name, _ in facts.applications_of(*_NODE_PREFIXES):
        hosts = {host for host, _ in facts.applications_of(WORKER, *CONTROL_PLANES)}
        nodes = {unit.placement for unit in facts.units if unit.application in hosts}
        capacity = 2 ** max(0, _NODE_PREFIXES[name] - pods.prefixlen)
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
    """Yield the proxy exceptions of a site when they do not include the LAN."""
    site = facts.site
    if site is None or site.proxy is None or site.networks.lan is None:
        return
    lan = site.networks.lan.cidr
    if (site.proxy.http or site.proxy.https) and not _is_excepted(lan, site.proxy.no_proxy):
        yield Violation(
            ("proxy", "no-proxy"),
            f"requests to the machines' own network {lan} would go through the proxy",
            f"add {lan} to proxy.no-proxy",
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
