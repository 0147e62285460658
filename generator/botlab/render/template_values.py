"""The values that a profile's templates write into the bundle."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..catalogue.profiles import Profile, ProfileApplication
from ..errors import BotlabError
from ..site.applications import Application, CharmSource, SourceKind
from ..site.machines import Machine, arch_constraint
from ..site.model import Site
from .architectures import names_machine_architectures
from .platform import Platform

# The bases in the file names of this suite's packed charms, by the series of the profile.
_OWN_ARCHIVES = {"bionic": "bionic-focal"}
_OWN_ARCHIVES_DEFAULT = "jammy-noble"


@dataclass(slots=True)
class ApplicationValues:
    """The values of an application."""

    charm: str = ""
    channel: str = ""
    revision: int | None = None
    series: str = ""
    base: str = ""
    to: list[str] = field(default_factory=list[str])
    resources: dict[str, int | str] = field(default_factory=dict[str, "int | str"])
    bindings: dict[str, str] = field(default_factory=dict[str, str])
    constraints: str = ""
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    storage: dict[str, str] = field(default_factory=dict[str, str])
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Directories:
    """The directories of the site file and of the bundle, where their relative paths start."""

    site: Path
    bundle: Path

    def bundle_path(self, path: str) -> str:
        """Return a path of the site file as a path of the bundle.

        Raises:
            BotlabError: When a directory's name is not UTF-8, so that no bundle can contain it.
        """
        text = os.path.relpath(self.site / path, self.bundle)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise BotlabError(f"{text}: is not UTF-8; rename the directory") from None
        return text if text.startswith("..") else f"./{text}"


def bundle_placements(site: Site, placements: Iterable[str]) -> list[str]:
    """Return placements on the site's machines as placements on the bundle's machine numbers.

    Placements on machines that the site does not have are left out.
    """
    numbers = {name: str(number) for number, name in enumerate(site.machines)}
    split = (placement.rpartition(":") for placement in placements)
    return [
        f"{container}{colon}{numbers[machine]}"
        for container, colon, machine in split
        if machine in numbers
    ]


def _placements(site: Site, application: ProfileApplication) -> list[str]:
    """Return the placements that the site chooses, or those by the machines' roles."""
    chosen = site.applications.get(application.name, Application()).to
    if chosen is None:
        chosen = [
            name
            for name, machine in site.machines.items()
            if application.role in {role.value for role in machine.roles}
        ]
    return bundle_placements(site, chosen)


def application_values(
    site: Site,
    profile: Profile,
    application: ProfileApplication,
    platform: Platform,
    directories: Directories,
) -> ApplicationValues:
    """Return the values of an application of the profile."""
    override = site.applications.get(application.name, Application())
    charm = profile.charms.get(application.name)
    values = ApplicationValues(
        series=platform.series,
        base=platform.base,
        to=[] if charm and charm.subordinate else _placements(site, application),
        resources=resource_values(override, directories),
        bindings=dict(override.bindings),
        constraints=override.constraints,
        x=application.x,
        y=application.y,
    )
    _set_charm(values, _charm_source(site, profile, application), directories)
    return values


def resource_values(override: Application, directories: Directories) -> dict[str, int | str]:
    """Return the resources that the site attaches to an application."""
    return {
        name: source if isinstance(source, int) else directories.bundle_path(source)
        for name, source in override.resources.items()
    }


def _charm_source(site: Site, profile: Profile, application: ProfileApplication) -> CharmSource:
    """Return the source that the site names for an application, or the default one."""
    chosen = site.applications.get(application.name, Application()).charm
    if chosen:
        return chosen
    kind = site.charms.source or SourceKind(profile.source)
    if kind is SourceKind.STORE and application.store:
        return CharmSource(store=application.store)
    if kind is SourceKind.LOCAL:
        return CharmSource(local=f"{site.charms.folder}/{application.name}.charm")
    return CharmSource(
        charmhub=application.name, channel=application.channel, revision=application.revision
    )


def _set_charm(values: ApplicationValues, source: CharmSource, directories: Directories) -> None:
    if source.local:
        values.charm = directories.bundle_path(source.local)
    else:
        values.charm = source.store or source.charmhub
        values.channel = source.channel
        values.revision = source.revision


def pins_charmhub_revision(site: Site, profile: Profile) -> bool:
    """Return whether the bundle pins a Charmhub revision, which LP 2054375 makes important."""
    sources = (_charm_source(site, profile, app) for app in profile.applications.values())
    return any(source.charmhub and source.revision is not None for source in sources)


def own_charm_path(
    site: Site, name: str, series: str, architecture: str, directories: Directories
) -> str:
    """Return the path of one of this suite's packed charms, for a series and an architecture."""
    override = site.applications.get(name, Application()).charm
    bases = _OWN_ARCHIVES.get(series, _OWN_ARCHIVES_DEFAULT)
    path = override.local if override and override.local else ""
    return directories.bundle_path(
        path or f"{site.charms.own}/{name}_{bases}_{architecture}.charm"
    )


def machine_values(site: Site, platform: Platform) -> list[Mapping[str, str]]:
    """Return the values of the machines, in the site's order."""
    names_architecture = names_machine_architectures(site)
    return [
        {
            "name": name,
            "constraints": _constraints(machine, names_architecture=names_architecture),
            "series": platform.series,
            "base": platform.base,
        }
        for name, machine in site.machines.items()
    ]


def _constraints(machine: Machine, *, names_architecture: bool) -> str:
    """Return the constraints of a machine with its architecture, its tags and its zone."""
    parts = [machine.constraints.strip()]
    if names_architecture and not arch_constraint(machine.constraints):
        parts.insert(0, f"arch={machine.architecture}")
    if machine.tags:
        parts.append(f"tags={','.join(machine.tags)}")
    if machine.zone:
        parts.append("zones=" + machine.zone.replace(" ", "\\ "))
    return " ".join(part for part in parts if part)


def proxy_exceptions(site: Site) -> str:
    """Return the hosts that are reached without the proxy, with the cluster's own networks."""
    exceptions = site.proxy.no_proxy if site.proxy else []
    cluster = [str(site.networks.services), str(site.networks.pods)]
    return ",".join(dict.fromkeys([*exceptions, *cluster]))
