"""Rules about an air-gapped lab: the files that its charms would download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....bundle.constraints import architecture_in
from ....catalogue.metallb import choose_release
from ....findings import Severity
from ....site.applications import SourceKind
from ..facts import CONTROL_PLANES, INSTALLER, WORKER, Facts
from ..options.installers import Installer, installers, machine_architectures
from ..rule import CLUSTER_KEYS, Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.model import Site

# Values of nvidia-runtime's option `toolkit` for which nothing is downloaded from NVIDIA.
_TOOLKITS_NOT_DOWNLOADED = ("host", "distribution", "custom")
# What else helps, for the charms that do not need the file as a resource.
_ALTERNATIVES = {
    "metallb": ", or name a URL in the lab (option manifest-url)",
    "nvidia-runtime": ", or name a mirror (options toolkit: custom and toolkit-source)",
}


def _seems_air_gapped(site: Site) -> bool:
    """Return whether a site looks like one without access to the internet.

    Such a site takes its charms from local files and its images or snaps from the lab, and does
    not name a proxy.
    """
    has_files = any(
        isinstance(source, str)
        for name, application in site.applications.items()
        for source in application.resources.values()
        if name != INSTALLER
    )
    keeps_images = bool(site.kubernetes.registry) or has_files
    return site.charms.source is SourceKind.LOCAL and site.proxy is None and keeps_images


@rule(
    "BL082",
    Severity.WARNING,
    depends_on=("applications.kubeflow-installer.resources", "kubeflow", *CLUSTER_KEYS),
)
def missing_kubeflow_files(facts: Facts) -> Iterator[Violation]:
    """Yield the installers of an air-gapped site that lack files which Kubeflow is made of."""
    if facts.site is None or not _seems_air_gapped(facts.site):
        return
    for installer in installers(facts):
        missing = list(_missing_kubeflow_files(facts, installer))
        if missing:
            yield Violation(
                ("applications", installer.name, "resources"),
                f"the lab seems to be air-gapped, and the site does not provide"
                f" {', '.join(missing)}",
                f"attach the files (applications.{installer.name}.resources), or name their URLs"
                " in the lab (kubeflow.manifests-url and similar keys, kubeflow.registry)",
            )


def _missing_kubeflow_files(facts: Facts, installer: Installer) -> Iterator[str]:
    """Yield what the charm would download. It never downloads kfctl by itself (BL079)."""
    release, is_built = installer.release, installer.has_built_manifests
    architectures = [arch for _, arch in machine_architectures(facts, installer) if arch]
    # Only the kustomize of the machine's architecture runs, and none on built manifests.
    kustomize = f"kustomize-{architectures[0] if architectures else 'amd64'}"
    builds_manifests = not is_built and not release.needs_network
    for archive in release.archives:
        is_needed = archive in ("manifests", "platform") or (
            archive == kustomize and builds_manifests
        )
        if is_needed and not installer.has_archive(archive):
            yield archive
    if release.needs_network and installer.has_archive("manifests") and not is_built:
        yield "manifests that are already built"
    if not facts.option(installer.name, "image-registry"):
        yield "a registry for the images"


@rule("BL091", Severity.WARNING, depends_on=("applications.*.resources", *CLUSTER_KEYS))
def missing_files(facts: Facts) -> Iterator[Violation]:
    """Yield the applications of an air-gapped site that lack a file which their charm needs."""
    if facts.site is None or not _seems_air_gapped(facts.site):
        return
    for name, application in facts.applications.items():
        missing = [
            file for file in _needed_files(facts, name) if file not in application.resources
        ]
        if missing:
            files = ", ".join(f"{resource}: FILE" for resource in missing)
            yield Violation(
                ("applications", name, "resources"),
                f"the lab seems to be air-gapped, and the site does not provide"
                f" {', '.join(missing)} for {name}",
                f"attach the files (applications.{name}.resources: {{{files}}})"
                f"{_ALTERNATIVES.get(name, '')}",
                in_site=True,
            )


def _needed_files(facts: Facts, name: str) -> list[str]:
    """Return the resources that an application needs where it cannot download anything."""
    charm = facts.exact_charm(name)
    if charm is None:
        return []
    if charm.name == "metallb":
        return ["manifest"] if _downloads_manifest(facts, name) else []
    if charm.name == "nvidia-runtime":
        return ["toolkit"] if _downloads_toolkit(facts, name) else []
    architectures = sorted(set(_architectures(facts, name))) or ["amd64"]
    files = [
        file.format(arch=architecture)
        for file in charm.offline_resources
        for architecture in architectures
    ]
    return list(dict.fromkeys(files))


def _downloads_manifest(facts: Facts, name: str) -> bool:
    if facts.option(name, "manifest-url"):
        return False
    release = choose_release(facts.kubernetes, facts.option(name, "version"))
    return release is not None and release.uses_custom_resources


def _downloads_toolkit(facts: Facts, name: str) -> bool:
    source = facts.option(name, "toolkit-source")
    return facts.option(name, "toolkit") not in _TOOLKITS_NOT_DOWNLOADED and not source


def _architectures(facts: Facts, name: str) -> Iterator[str]:
    """Yield the architectures of the machines that an application runs on.

    An application without placements is a subordinate, which runs where its principals do.
    """
    placements = [unit.placement for unit in facts.units_of(name)]
    if not placements:
        hosts = {host for host, _ in facts.applications_of(WORKER, *CONTROL_PLANES)}
        principals = hosts & facts.related_applications.get(name, set())
        placements = [unit.placement for unit in facts.units if unit.application in principals]
    for placement in placements:
        machine = facts.bundle.machines.get(placement.machine)
        yield (architecture_in(machine.constraints) if machine else "") or "amd64"
