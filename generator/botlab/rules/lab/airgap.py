"""A lab without a way out: how it shows, and which files its charms would fetch."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...bundle.constraints import split_constraints
from ...catalogue.kubernetes import Version
from ...findings import Severity
from ...site.applications import Source
from ...site.model import Site
from .facts import CONTROL_PLANES, INSTALLER, Facts
from .resources import certain_charm
from .rule import CLUSTER, Hit, rule

# From this release on the charm metallb applies upstream's manifest, and this is the first
# Kubernetes on which it takes such a one unasked (mlb_releases.py; a test holds them together).
FIRST_BY_MANIFEST: Version = (0, 13)
FIRST_KUBERNETES: Version = (1, 21)
# What option `toolkit` of the charm nvidia-runtime says where nothing is fetched from NVIDIA.
_ELSEWHERE = ("host", "distribution", "custom")


def keeps_everything(site: Site) -> bool:
    """Tell whether a site is taken for one without a way out.

    Its charms are local, its images or snaps come from the lab, and it names no proxy.
    """
    files = any(
        isinstance(value, str)
        for name, application in site.applications.items()
        for value in application.resources.values()
        if name != INSTALLER
    )
    kept = bool(site.kubernetes.registry) or files
    return site.charms.source is Source.LOCAL and site.proxy is None and kept


@rule(
    "BL091",
    "File that a lab without a way out lacks",
    Severity.WARNING,
    """A local charm gets no resource but the attached ones: the charms of 2019 fetch their snaps
    from the Snap Store then, and wait for an archive (flannel, CNI); today's wait for calico and
    cni-plugins. metallb fetches its manifest from 0.13 on, and nvidia-runtime NVIDIA's packages. A
    site is taken for one without a way out as for BL082, which tells of Kubeflow.""",
    misses=("applications.*.resources", *CLUSTER),
)
def lacking_files(facts: Facts) -> Iterator[Hit]:
    """Find a lab that keeps everything itself, but not a file that a charm needs."""
    if facts.site is None or not keeps_everything(facts.site):
        return
    for name, application in facts.applications.items():
        lacking = [one for one in _needed(facts, name) if one not in application.resources]
        if lacking:
            files = ", ".join(f"{one}: FILE" for one in lacking)
            yield Hit(
                ("applications", name, "resources"),
                f"the lab seems to have no way out, and nothing gives {name} {', '.join(lacking)}",
                f"attach the files (applications.{name}.resources: {{{files}}}){_way(name)}",
                site=True,
            )


def _needed(facts: Facts, name: str) -> list[str]:
    """List the resources that an application cannot do without where nothing is fetched."""
    charm = certain_charm(facts, name)
    if charm is None:
        return []
    if charm.name == "metallb":
        return ["manifest"] if _fetches_manifest(facts, name) else []
    if charm.name == "nvidia-runtime":
        return ["toolkit"] if _fetches_toolkit(facts, name) else []
    arches = sorted(set(_arches(facts, name))) or ["amd64"]
    found = [one.format(arch=arch) for one in charm.offline for arch in arches]
    return list(dict.fromkeys(found))


def _fetches_manifest(facts: Facts, name: str) -> bool:
    if facts.option(name, "manifest-url"):
        return False
    numbers = re.findall(r"\d+", facts.option(name, "version"))[:2]
    if len(numbers) == 2:
        return (int(numbers[0]), int(numbers[1])) >= FIRST_BY_MANIFEST
    return facts.kubernetes is not None and facts.kubernetes >= FIRST_KUBERNETES


def _fetches_toolkit(facts: Facts, name: str) -> bool:
    source = facts.option(name, "toolkit-source")
    return facts.option(name, "toolkit") not in _ELSEWHERE and not source


def _arches(facts: Facts, name: str) -> Iterator[str]:
    """Yield the architectures of the machines that an application comes to stand on."""
    hosts = {one for one, _ in facts.named("kubernetes-worker", *CONTROL_PLANES)}
    places = [unit.placement for unit in facts.units if unit.application == name] or [
        unit.placement
        for unit in facts.units
        if unit.application in hosts & facts.neighbours.get(name, set())
    ]
    for place in places:
        machine = facts.bundle.machines.get(place.machine)
        words = dict(split_constraints(machine.constraints)) if machine else {}
        yield words.get("arch") or "amd64"


def _way(name: str) -> str:
    """Return what else mends it, for the charms that have another way."""
    return {
        "metallb": ", or name where the lab keeps it (option manifest-url)",
        "nvidia-runtime": ", or name a mirror (options toolkit: custom and toolkit-source)",
    }.get(name, "")
