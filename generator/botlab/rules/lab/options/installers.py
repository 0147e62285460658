"""The Kubeflow that a bundle has the charm kubeflow-installer install."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ....bundle.constraints import architecture_in
from ....bundle.model import Application
from ....catalogue.kubeflow import Release, choose_release
from ....findings import KeyPath
from ..facts import INSTALLER, Facts


class Installer(NamedTuple):
    """An application of the charm.

    Attributes:
        name: The application's name.
        application: The application.
        version: The option `version`; empty when the charm chooses the release.
        release: The release that it installs.
    """

    name: str
    application: Application
    version: str
    release: Release

    @property
    def release_path(self) -> KeyPath:
        """The key that decides the release."""
        path = ("applications", self.name)
        return (*path, "options", "version") if self.version else path

    def has_archive(self, archive: str) -> bool:
        """Return whether an archive is attached, or pinned by an option."""
        option = f"{archive.partition('-')[0]}-url"
        return archive in self.application.resources or bool(self.application.options.get(option))

    @property
    def has_built_manifests(self) -> bool:
        """Whether the manifests are YAML that was already built, judged by the file's name."""
        attached = str(self.application.resources.get("manifests", ""))
        pinned = str(self.application.options.get("manifests-url", "")).partition("#")[0]
        # A resource always ends in .gz (BL083).
        return (attached or pinned).removesuffix(".gz").endswith((".yaml", ".yml"))


def installers(facts: Facts) -> Iterator[Installer]:
    """Yield the applications of the charm whose release is known and runs on the cluster."""
    for name, application in facts.applications_of(INSTALLER):
        version = facts.option(name, "version")
        release = choose_release(facts.kubernetes, version)
        if release and (facts.kubernetes is None or release.fits(facts.kubernetes)):
            yield Installer(name, application, version, release)


def machine_architectures(facts: Facts, installer: Installer) -> Iterator[tuple[KeyPath, str]]:
    """Yield the constraints of an installer's machines, as their keys and their `arch`."""
    units = facts.units_of(installer.name)
    for unit in units:
        machine = facts.bundle.machines.get(unit.placement.machine)
        if machine is not None:
            path: KeyPath = ("machines", unit.placement.machine, "constraints")
            yield path, architecture_in(machine.constraints)
    if not units:
        path = ("applications", installer.name, "constraints")
        yield path, architecture_in(installer.application.constraints)
