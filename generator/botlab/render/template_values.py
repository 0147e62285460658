"""The values that a profile's templates write into the bundle."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..catalogue.profiles import Profile, ProfileApplication, instance_name
from ..errors import BotlabError
from ..site.applications import Application, CharmSource, SourceKind
from ..site.machines import Machine, arch_constraint
from ..site.model import Site
from ..site.roles import Role
from .architectures import names_machine_architectures
from .platform import Platform
from .workers import application_settings, machines_of

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


class Directories(NamedTuple):
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


def _placements(
    site: Site, application: ProfileApplication, override: Application, workers: str
) -> list[str]:
    """Return the placements that the site chooses, or those by the machines' roles."""
    if override.to is not None:
        return bundle_placements(site, override.to)
    if application.role == Role.WORKER.value:
        return bundle_placements(site, machines_of(site, workers))
    return bundle_placements(
        site,
        [
            name
            for name, machine in site.machines.items()
            if application.role in {role.value for role in machine.roles}
        ],
    )


def application_values(
    site: Site,
    profile: Profile,
    application: ProfileApplication,
    platform: Platform,
    directories: Directories,
    workers: str = "",
) -> ApplicationValues:
    """Return the values of an application of the profile.

    Args:
        site: The site.
        profile: The profile.
        application: The application of the profile.
        platform: The platform of the machines.
        directories: The directories of the site file and of the bundle.
        workers: The entry of `workers` whose application it is; empty for the profile's own.
    """
    name = instance_name(application.name, workers)
    override = application_settings(site, name, application.name)
    charm = profile.charms.get(application.name)
    values = ApplicationValues(
        series=platform.series,
        base=platform.base,
        to=[]
        if charm and charm.subordinate
        else _placements(site, application, override, workers),
        resources=resource_values(override, directories),
        bindings=application_bindings(site, override),
        constraints=override.constraints,
        storage=dict(override.storage),
        x=application.x,
        y=application.y,
    )
    set_charm(values, _charm_source(site, profile, application, override), directories)
    return values


def application_bindings(site: Site, override: Application) -> dict[str, str]:
    """Return the spaces of an application's endpoints. The LAN's space is the default."""
    space = site.networks.lan.space if site.networks.lan else ""
    return {**({"": space} if space else {}), **override.bindings}


def resource_values(override: Application, directories: Directories) -> dict[str, int | str]:
    """Return the resources that the site attaches to an application."""
    return {
        name: source if isinstance(source, int) else directories.bundle_path(source)
        for name, source in override.resources.items()
    }


def _charm_source(
    site: Site, profile: Profile, application: ProfileApplication, override: Application
) -> CharmSource:
    """Return the source that the site names for an application, or the default one."""
    if override.charm:
        return override.charm
    kind = site.charms.source or SourceKind(profile.source)
    if kind is SourceKind.STORE and application.store:
        return CharmSource(store=application.store)
    if kind is SourceKind.LOCAL:
        return CharmSource(local=f"{site.charms.folder}/{application.name}.charm")
    # The charms of 2019 are in no channel of their release.
    channel = profile.channel if profile.source == SourceKind.CHARMHUB.value else ""
    return CharmSource(
        charmhub=application.name,
        channel=application.channel or channel,
        revision=application.revision,
    )


def set_charm(values: ApplicationValues, source: CharmSource, directories: Directories) -> None:
    """Set the charm of an application, with its channel and revision."""
    if source.local:
        values.charm = directories.bundle_path(source.local)
    else:
        values.charm = source.store or source.charmhub
        values.channel = source.channel
        values.revision = source.revision


def own_charm_source(
    site: Site, override: Application, name: str, series: str, architecture: str
) -> CharmSource:
    """Return the source of one of this suite's charms: the site's choice, or its packed file.

    Args:
        site: The site.
        override: The settings of the application.
        name: The name of the charm.
        series: The series of the profile.
        architecture: The architecture of the charm's machines.
    """
    if override.charm:
        return override.charm
    bases = _OWN_ARCHIVES.get(series, _OWN_ARCHIVES_DEFAULT)
    return CharmSource(local=f"{site.charms.own}/{name}_{bases}_{architecture}.charm")


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
    cluster = [str(cidr) for cidr in (*site.networks.of_services, *site.networks.of_pods)]
    return ",".join(dict.fromkeys([*exceptions, *cluster]))
