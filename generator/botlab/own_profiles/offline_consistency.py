"""Comparison of ``offline.yaml`` with the charms of its profile.

A name that no charm has would drop an item of the kit without a message, and so would a release
that the profile does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..catalogue.model import Charm
from ..catalogue.offline import ARCHITECTURE, resource_names
from ..findings import Finding, KeyPath, path_text, suggest
from .files import ProfileDocument
from .offline_format import OfflineFile

WRONG_NEED = "PF013"


@dataclass(frozen=True, slots=True)
class OfflineCheck:
    """The check of one ``offline.yaml``.

    Attributes:
        document: The file, which has no other faults.
        applications: The names of the profile's applications, which are those of their charms.
        releases: The Kubernetes releases of the profile.
        find_charm: Function that returns the facts about a charm; None if there are none.
    """

    document: ProfileDocument[OfflineFile]
    applications: Sequence[str]
    releases: Sequence[str]
    find_charm: Callable[[str], Charm | None]

    def faults(self) -> Iterator[Finding]:
        """Yield the names that no charm has, and the releases that the profile does not have."""
        needs = self.document.model
        if needs is None:
            return
        for index, snap in enumerate(needs.snaps):
            yield from self._charm_faults(("snaps", index, "for"), snap.charm)
        for name in needs.further_images:
            yield from self._charm_faults(("further-images", name), name)
        for name in needs.packages:
            yield from self._charm_faults(("packages", name), name)
        yield from self._release_faults(needs)
        yield from self._image_faults(needs)
        yield from self._resource_faults(needs)

    def _charm_faults(self, path: KeyPath, name: str) -> Iterator[Finding]:
        if name not in self.applications and self.find_charm(name) is None:
            message = f"{path_text(path)}: the profile has no application {name}"
            yield self._finding(path, message, name, self.applications)

    def _release_faults(self, needs: OfflineFile) -> Iterator[Finding]:
        for release in needs.images:
            if release not in self.releases:
                path: KeyPath = ("images", release)
                message = f"{path_text(path)}: {release} is not one of the profile's releases"
                fix = f"add {release} to releases in profile.yaml, or remove it here"
                yield self.document.finding(WRONG_NEED, path, message, fix)

    def _image_faults(self, needs: OfflineFile) -> Iterator[Finding]:
        for release, images in needs.images.items():
            for index, image in enumerate(images):
                path: KeyPath = ("images", release, index)
                yield from self._charm_faults((*path, "for"), image.charm)
                yield from self._option_faults((*path, "when"), image.charm, image.option)

    def _option_faults(self, path: KeyPath, name: str, option: str) -> Iterator[Finding]:
        charm = self.find_charm(name)
        if option and charm is not None and option not in charm.options:
            message = f"{path_text(path)}: the charm {name} has no option {option}"
            yield self._finding(path, message, option, list(charm.options))

    def _resource_faults(self, needs: OfflineFile) -> Iterator[Finding]:
        for name, resources in needs.resources.items():
            yield from self._charm_faults(("resources", name), name)
            charm = self.find_charm(name)
            names = set(charm.resources) if charm else set[str]()
            for resource in resources if charm else ():
                if charm and names.isdisjoint(resource_names(resource)):
                    path: KeyPath = ("resources", name, resource)
                    message = f"{path_text(path)}: the charm {name} has no resource {resource}"
                    yield self._finding(path, message, resource, _choices(charm))

    def _finding(self, path: KeyPath, message: str, name: str, choices: Sequence[str]) -> Finding:
        otherwise = f"use one of {', '.join(choices)}" if choices else "remove it"
        fix = suggest(name, choices, otherwise)
        return self.document.finding(WRONG_NEED, path, message, fix)


def _choices(charm: Charm) -> list[str]:
    """Return the resources of a charm, as a name for all architectures where there is one."""
    names = (resource.replace("amd64", ARCHITECTURE) for resource in charm.resources)
    return list(dict.fromkeys(names))
