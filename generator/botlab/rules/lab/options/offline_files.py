"""The files that charms need as resources where they cannot download anything."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.constraints import architecture_in
from ....catalogue.metallb import Release, choose_release
from ..facts import CONTROL_PLANES, INSTALLER, POD_HOSTS, Facts
from .installers import Installer, installers, machine_architectures

# Values of nvidia-runtime's option `toolkit` for which nothing is downloaded from NVIDIA.
_TOOLKITS_NOT_DOWNLOADED = ("host", "distribution", "custom")


def needed_files(facts: Facts, name: str) -> list[str]:
    """Return the resources that an application needs where it cannot download anything.

    The files of Kubeflow are those of :func:`kubeflow_files`.

    Args:
        facts: The facts about the bundle.
        name: The application.
    """
    charm = facts.exact_charm(name)
    if charm is None:
        return []
    if charm.name == "metallb":
        return ["manifest"] if _downloads_manifest(facts, name) else []
    if charm.name == "nvidia-runtime":
        return ["toolkit"] if _downloads_toolkit(facts, name) else []
    architectures = sorted(set(architectures_of(facts, name))) or ["amd64"]
    files = [
        file.format(arch=architecture)
        for file in charm.offline_resources
        for architecture in architectures
    ]
    return list(dict.fromkeys(files))


def kubeflow_files(facts: Facts, installer: Installer) -> Iterator[str]:
    """Yield the archives that an installer's release is installed from, beside kfctl.

    Only the kustomize of the machine's architecture runs, and none on manifests that are built.
    """
    release = installer.release
    architectures = [arch for _, arch in machine_architectures(facts, installer) if arch]
    kustomize = f"kustomize-{architectures[0] if architectures else 'amd64'}"
    builds_manifests = not installer.has_built_manifests and not release.needs_network
    for archive in release.archives:
        if archive in ("manifests", "platform") or (archive == kustomize and builds_manifests):
            yield archive


def all_needed_files(facts: Facts, name: str) -> list[str]:
    """Return the resources that an application of any charm needs, with those of Kubeflow.

    What an option pins to an address in the lab is not needed as a resource.
    """
    if facts.charm_name(name) != INSTALLER:
        return needed_files(facts, name)
    return [
        archive
        for installer in installers(facts)
        if installer.name == name
        for archive in (*_kfctl(installer), *kubeflow_files(facts, installer))
        if archive in installer.application.resources or not installer.has_archive(archive)
    ]


def needs_building(facts: Facts, name: str) -> bool:
    """Return whether the manifests of an installer must be built before they are attached.

    The builds of some releases download further manifests.
    """
    return any(
        installer.name == name and installer.release.needs_network
        for installer in installers(facts)
    )


def _kfctl(installer: Installer) -> list[str]:
    return ["kfctl"] if installer.release.uses_kfctl else []


def metallb_release(facts: Facts, name: str) -> Release | None:
    """Return the release of MetalLB that an application installs; None if it is not known."""
    return choose_release(facts.kubernetes, facts.option(name, "version"))


def _downloads_manifest(facts: Facts, name: str) -> bool:
    if facts.option(name, "manifest-url"):
        return False
    release = metallb_release(facts, name)
    return release is not None and release.uses_custom_resources


def _downloads_toolkit(facts: Facts, name: str) -> bool:
    source = facts.option(name, "toolkit-source")
    return facts.option(name, "toolkit") not in _TOOLKITS_NOT_DOWNLOADED and not source


def architectures_of(facts: Facts, name: str) -> Iterator[str]:
    """Yield the architectures of the machines that an application runs on.

    An application without placements is a subordinate, which runs where its principals do.
    """
    placements = [unit.placement for unit in facts.units_of(name)]
    if not placements:
        hosts = {host for host, _ in facts.applications_of(*POD_HOSTS, *CONTROL_PLANES)}
        principals = hosts & facts.related_applications.get(name, set())
        placements = [unit.placement for unit in facts.units if unit.application in principals]
    for placement in placements:
        machine = facts.bundle.machines.get(placement.machine)
        yield (architecture_in(machine.constraints) if machine else "") or "amd64"
