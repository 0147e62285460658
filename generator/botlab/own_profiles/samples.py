"""Small sites that use all parts of a profile, with which its template is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..catalogue.profiles import Profile

_WORKER = "worker"


@dataclass(frozen=True, slots=True)
class SampleSite:
    """A site file.

    Attributes:
        title: What is special about it, for messages.
        juju: The Juju release that it names.
        content: The content of the file.
    """

    title: str
    juju: str
    content: dict[str, Any]


def sample_sites(profile: Profile) -> Iterator[SampleSite]:
    """Yield sites for each Juju release, network of the pods, section and Kubernetes release.

    Args:
        profile: The profile at its own channel.
    """
    for juju in profile.juju:
        site = _site(profile, juju)
        if profile.applications:
            yield SampleSite("the smallest site", juju, site)
        yield SampleSite("a site with storage and addresses", juju, _with_sections(site))
    juju = profile.juju[-1]
    for cni in profile.networks[1:]:
        content = _site(profile, juju, cni=cni)
        yield SampleSite(f"the network {cni}", juju, content)
    if "keepalived" in profile.sections:
        content = _with_virtual_address(profile, juju)
        yield SampleSite("a virtual address of the API", juju, content)
    for release in profile.releases:
        content = _site(profile, juju, channel=f"{release}/stable")
        yield SampleSite(f"Kubernetes {release}", juju, content)


def _with_virtual_address(profile: Profile, juju: str) -> dict[str, Any]:
    """Return a site with keepalived."""
    site = _site(profile, juju)
    return {
        **site,
        "kubernetes": {**site["kubernetes"], "keepalived": {"address": "10.9.0.5"}},
        "networks": {"lan": {"cidr": "10.9.0.0/24", "gateway": "10.9.0.1"}},
    }


def _site(profile: Profile, juju: str, **kubernetes: str) -> dict[str, Any]:
    """Return a site with the machines that the profile needs, and one for each other role."""
    counts = dict.fromkeys(sorted(profile.roles), 1) | dict(profile.required_roles)
    machines = {
        f"{role}{number}": {"tags": [f"{role}{number}"], "roles": [role]}
        for role, count in counts.items()
        for number in range(count)
    }
    return {
        "site": "sample",
        "juju": juju,
        "kubernetes": {"profile": profile.name, **kubernetes},
        "machines": _with_gpu(machines),
    }


def _with_gpu(machines: dict[str, Any]) -> dict[str, Any]:
    """Return machines of which the workers have a GPU."""
    for machine in machines.values():
        if machine["roles"] == [_WORKER]:
            machine["gpu"] = True
    return machines


def _with_sections(site: dict[str, Any]) -> dict[str, Any]:
    """Return a site with shared storage, an address pool, and a proxy."""
    return {
        **site,
        "machines": {**site["machines"], "storage": {"tags": ["storage"]}},
        "networks": {"lan": {"cidr": "10.9.0.0/24", "gateway": "10.9.0.1", "space": "lan"}},
        "proxy": {"http": "http://proxy.sample:3128", "https": "http://proxy.sample:3128"},
        "metallb": {"pools": {"default": {"addresses": ["10.9.0.200-10.9.0.220"]}}},
        "nfs": {"server": "storage"},
    }
