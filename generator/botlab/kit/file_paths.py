"""The paths that the files of charms and of their resources get in a kit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..bundle.charm_url import charm_name, is_local_path
from ..bundle.model import Application
from ..catalogue.offline import OfflineNeeds
from ..rules.lab.facts import Facts
from ..rules.lab.options.offline_files import all_needed_files, architectures_of, needs_building

CHARMS, RESOURCES = "./charms", "./resources"


def is_inside(path: str) -> bool:
    """Return whether a path of a site stays below the directory of the site file."""
    parts = PurePosixPath(path).parts
    return bool(path) and not path.startswith("/") and ".." not in parts


def is_packed(path: str) -> bool:
    """Return whether a path is one of a packed charm below the directory of the site file."""
    return path.endswith(".charm") and is_inside(path)


@dataclass(frozen=True, slots=True)
class FilePaths:
    """The paths of the files that are not below the directory of the site file yet.

    Attributes:
        original: The facts about the bundle of the site as it is.
        needs: What the cluster's charms take from elsewhere.
    """

    original: Facts
    needs: OfflineNeeds

    def charm(self, name: str) -> str:
        """Return the path of an application's charm.

        Applications with the same charm share it. Where others have another file of that name,
        such as another revision of the charm, the architecture or the application is added to it.
        """
        file = _charm_file(self.original.applications[name].charm)
        if suffix := self._suffix(name):
            # The name of the charm ends at the first `_`, also for the other commands.
            file = f"{file.removesuffix('.charm')}_{suffix}.charm"
        return f"{CHARMS}/{file}"

    def is_of_several_architectures(self, name: str) -> bool:
        """Return whether applications need a charm for different architectures."""
        return len({self._architecture(other) for other in self._same_file(name)}) > 1

    def _suffix(self, name: str) -> str:
        """Return what the name of a charm's file needs to differ from others; empty if nothing."""
        applications = self.original.applications
        identities = {_identity(applications[other]) for other in self._same_file(name)}
        if len(identities) > 1:
            return name
        return self._architecture(name) if self.is_of_several_architectures(name) else ""

    def _same_file(self, name: str) -> list[str]:
        """Return the applications whose charms have files of the same name."""
        applications = self.original.applications
        file = _charm_file(applications[name].charm)
        return [
            other
            for other, application in applications.items()
            if _charm_file(application.charm) == file
        ]

    def _architecture(self, name: str) -> str:
        return first_architecture(self.original, name)

    def resources(self, facts: Facts, name: str, sources: Mapping[str, object]) -> dict[str, str]:
        """Return the paths of an application's resources.

        Args:
            facts: The facts about the bundle that attaches the resources.
            name: The application.
            sources: The files and revisions that are written for the resources.
        """
        attached = facts.applications[name].resources
        names = dict.fromkeys((*attached, *all_needed_files(facts, name)))
        paths = {key: self._resource(facts, name, key, sources.get(key)) for key in names}
        used = list(paths.values())
        return {
            key: path if used.count(path) == 1 or path == sources.get(key) else _apart(path, key)
            for key, path in paths.items()
        }

    def _resource(self, facts: Facts, name: str, resource: str, source: object) -> str:
        """Return the path of a resource's file, whose name ends as the charm's own name for it."""
        if isinstance(source, str):
            file = PurePosixPath(source).name
            return source if is_inside(source) else f"{RESOURCES}/{name}/{file}"
        if resource == "manifests" and needs_building(facts, name):
            return f"{RESOURCES}/{name}/manifests.yaml.gz"
        charm = facts.charms.get(name)
        file = charm.resource_files.get(resource, "") if charm else ""
        known = self.needs.source_of(facts.charm_name(name), resource)
        if not file and known and known.file:
            file = known.file.replace("{arch}", resource.rpartition("-")[2])
        return f"{RESOURCES}/{name}/{file or resource}"


def first_architecture(facts: Facts, name: str) -> str:
    """Return the architecture whose charm an application gets, as a charm is for one."""
    return min(architectures_of(facts, name), default="amd64")


def _charm_file(charm: str) -> str:
    """Return the name of the packed file of a charm: the one that it has, or the charm's."""
    if is_local_path(charm) and charm.endswith(".charm"):
        return PurePosixPath(charm).name
    return f"{charm_name(charm)}.charm"


def _identity(application: Application) -> tuple[object, ...]:
    """Return what is equal for applications that share the file of a charm."""
    return (application.charm, application.channel, application.revision)


def _apart(path: str, resource: str) -> str:
    """Return a path that no other resource of the application has."""
    directory, _, file = path.rpartition("/")
    return f"{directory}/{resource}/{file}"
