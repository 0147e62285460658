"""Rules about what runs on the cluster: the GPU stack, the proxy."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ...findings import Severity
from ...site.addresses import AnyNetwork
from ...site.parts import GpuStack, Nvidia
from .facts import Facts
from .rule import Hit, rule


@rule(
    "BL069",
    "Proxy for the machines' own network",
    Severity.WARNING,
    """Kubelets and pods reach the API server and each other by the machines' addresses; through
    a proxy they mostly do not reach them at all.""",
)
def proxied_lan(facts: Facts) -> Iterator[Hit]:
    """Find a proxy whose exceptions leave out the LAN."""
    site = facts.site
    if site is None or site.proxy is None or site.networks.lan is None:
        return
    lan = site.networks.lan.cidr
    if (site.proxy.http or site.proxy.https) and not _excepted(lan, site.proxy.no_proxy):
        yield Hit(
            ("proxy", "no-proxy"),
            f"the proxy is used for the machines' own network {lan}",
            f"add {lan} to proxy.no-proxy",
            site=True,
        )


def _excepted(lan: AnyNetwork, exceptions: list[str]) -> bool:
    """Tell whether exceptions of a proxy hold all of a network: * does, and networks around it."""
    networks = [found for text in exceptions if (found := _network(text)) is not None]
    return "*" in exceptions or any(
        lan.network_address in found and lan.broadcast_address in found for found in networks
    )


def _network(text: str) -> AnyNetwork | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:  # a host name, or a part of one
        return None


@rule(
    "BL071",
    "Settings of nvidia without effect",
    Severity.WARNING,
    """The section nvidia speaks to the charm nvidia-runtime, which a site without GPU machines,
    or with gpu.stack: worker, does not have.""",
)
def idle_nvidia(facts: Facts) -> Iterator[Hit]:
    """Find settings of nvidia where no charm reads them."""
    site = facts.site
    if site is None or site.nvidia == Nvidia():
        return
    machines = any(machine.gpu for machine in site.machines.values())
    if not machines or site.gpu.stack is GpuStack.WORKER:
        why = "gpu.stack is worker" if machines else "no machine has gpu: true"
        yield Hit(
            ("nvidia",),
            f"these settings reach nobody, since {why}",
            "take the section out, or let nvidia-runtime own the GPU stack",
            site=True,
        )
