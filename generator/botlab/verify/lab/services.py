"""Rules about what runs on the cluster: MetalLB, the GPU stack, the proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...catalogue.kubernetes import version_text
from ...findings import Severity
from ...site.parts import GpuStack, Nvidia
from .facts import Facts
from .rule import Hit, rule

Version = tuple[int, ...]

# Kubernetes that a MetalLB minor runs on, from its manifests: 0.9.4 to 0.12 select nodes by
# kubernetes.io/os (1.14), all up to 0.12 carry PodSecurityPolicy policy/v1beta1 (gone in 1.25),
# the chart of 0.13 asks for 1.19, and from 0.14.2 the speaker watches EndpointSlice v1 (1.21).
_METALLB: Mapping[Version, tuple[str, str]] = {
    (0, 8): ("1.13", "1.24"),
    (0, 9): ("1.13", "1.24"),
    (0, 10): ("1.14", "1.24"),
    (0, 11): ("1.14", "1.24"),
    (0, 12): ("1.14", "1.24"),
    (0, 13): ("1.19", ""),
    # Documented for 1.21; their definitions carry validation rules, which servers know from 1.23.
    (0, 14): ("1.23", ""),
    (0, 15): ("1.23", ""),
    (0, 16): ("1.23", ""),
}
# Before custom resources, the charm makes each release's objects itself.
_METALLB_MADE = (
    "0.8.1", "0.8.3", "0.9.3", "0.9.6", "0.9.8", "0.10.3", "0.11.0", "0.12.1",
)  # fmt: skip


def _version(text: str) -> Version:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def _fits(kubernetes: Version, bounds: tuple[str, str]) -> bool:
    low, high = (_version(text) for text in bounds)
    return low <= kubernetes and (not high or kubernetes <= high)


def _told(bounds: tuple[str, str]) -> str:
    low, high = bounds
    return f"{low} to {high}" if high else f"{low} and later"


@rule(
    "BL065",
    "MetalLB that does not fit the Kubernetes",
    Severity.ERROR,
    """MetalLB's objects are of API versions that came and went: PodSecurityPolicy left with
    1.25, and custom resources v1 and EndpointSlice v1 are not in old servers. The API server
    refuses the objects then.""",
)
def metallb_fit(facts: Facts) -> Iterator[Hit]:
    """Find a MetalLB version whose objects the site's Kubernetes does not take."""
    wish = facts.site.metallb.version if facts.site and facts.site.metallb else ""
    kubernetes = facts.kubernetes
    bounds = _METALLB.get(_version(wish))
    if wish and kubernetes and bounds and not _fits(kubernetes, bounds):
        yield Hit(
            ("metallb", "version"),
            f"MetalLB {wish} runs on Kubernetes {_told(bounds)}; the site has"
            f" {version_text(kubernetes)}",
            "leave the version out; the charm then takes the one that fits",
            site=True,
        )
    elif wish and _version(wish) < (0, 13) and wish.lstrip("v") not in _METALLB_MADE:
        yield Hit(
            ("metallb", "version"),
            f"MetalLB {wish} is none that the charm makes",
            f"use one of v{', v'.join(_METALLB_MADE)}, or a later one",
            site=True,
        )


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
    lan = str(site.networks.lan.cidr)
    if (site.proxy.http or site.proxy.https) and lan not in site.proxy.no_proxy:
        yield Hit(
            ("proxy", "no-proxy"),
            f"the proxy is used for the machines' own network {lan}",
            f"add {lan} to proxy.no-proxy",
            site=True,
        )


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
