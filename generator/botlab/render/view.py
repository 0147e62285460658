"""What a profile's templates see: plain values, worked out from the site."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..catalogue.model import Charm
from ..catalogue.profiles import Profile, ProfileApplication
from ..site.applications import Application, CharmSource, Source
from ..site.model import Site
from .platform import Platform

_OWN_ARCHIVES = {"bionic": "bionic-focal"}


@dataclass(slots=True)
class AppView:
    """One application as the templates write it."""

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
class Folders:
    """Where the site file stands, and where the bundle will: paths are told from there."""

    site: Path
    bundle: Path

    def told(self, path: str) -> str:
        """Return a path of the site file as the bundle must write it."""
        full = self.site / path
        text = os.path.relpath(full, self.bundle)
        return text if text.startswith("..") else f"./{text}"


def machine_number(site: Site) -> dict[str, str]:
    """Return the bundle's id of each machine, by the order of the site file."""
    return {name: str(number) for number, name in enumerate(site.machines)}


def placements(site: Site, application: ProfileApplication) -> list[str]:
    """Return where an application's units go: as the site says, else by the machines' roles."""
    chosen = site.applications.get(application.name, Application()).to
    if chosen is None:
        chosen = [
            name
            for name, machine in site.machines.items()
            if application.role in {role.value for role in machine.roles}
        ]
    return translated(site, chosen)


def translated(site: Site, places: Iterable[str]) -> list[str]:
    """Turn machine names into the bundle's ids; what names no machine is left out."""
    numbers = machine_number(site)
    split = (place.rpartition(":") for place in places)
    return [f"{kind}{colon}{numbers[name]}" for kind, colon, name in split if name in numbers]


def application_view(
    site: Site,
    profile: Profile,
    application: ProfileApplication,
    charm: Charm | None,
    platform: Platform,
    folders: Folders,
) -> AppView:
    """Return one profile application as the templates write it."""
    override = site.applications.get(application.name, Application())
    view = AppView(
        series=platform.series,
        base=platform.base,
        bindings=dict(override.bindings),
        constraints=override.constraints,
        x=application.x,
        y=application.y,
    )
    if not (charm and charm.subordinate):
        view.to = placements(site, application)
    source = override.charm or _default_source(site, profile, application)
    _set_charm(view, source, folders)
    view.resources = resources(override, folders)
    return view


def resources(override: Application, folders: Folders) -> dict[str, int | str]:
    """Return the resources that a site gives an application, files as the bundle finds them."""
    return {
        name: value if isinstance(value, int) else folders.told(value)
        for name, value in override.resources.items()
    }


def _default_source(site: Site, profile: Profile, application: ProfileApplication) -> CharmSource:
    kind = site.charms.source or Source(profile.source)
    if kind is Source.STORE and application.store:
        return CharmSource(store=application.store)
    if kind is Source.LOCAL:
        return CharmSource(local=f"{site.charms.folder}/{application.name}.charm")
    return CharmSource(
        charmhub=application.name, channel=application.channel, revision=application.revision
    )


def _set_charm(view: AppView, source: CharmSource, folders: Folders) -> None:
    if source.local:
        view.charm = folders.told(source.local)
    else:
        view.charm = source.store or source.charmhub
        view.channel = source.channel
        view.revision = source.revision


def pinned_charmhub(site: Site, profile: Profile) -> bool:
    """Tell whether any Charmhub revision is pinned (LP 2054375 makes that decide)."""
    sources = (
        site.applications.get(name, Application()).charm or _default_source(site, profile, app)
        for name, app in profile.applications.items()
    )
    return any(source.charmhub and source.revision is not None for source in sources)


def own_archive(site: Site, name: str, series: str, folders: Folders) -> str:
    """Return the path of this suite's packed charm for a series."""
    platform = _OWN_ARCHIVES.get(series, "jammy-noble")
    override = site.applications.get(name, Application()).charm
    path = override.local if override and override.local else ""
    return folders.told(path or f"{site.charms.own}/{name}_{platform}.charm")


def machine_views(site: Site, platform: Platform) -> list[Mapping[str, str]]:
    """Return the machines with their whole constraints, in the site's order."""
    return [
        {
            "name": name,
            "constraints": machine_constraints(machine.constraints, machine.tags, machine.zone),
            "series": platform.series,
            "base": platform.base,
        }
        for name, machine in site.machines.items()
    ]


def machine_constraints(constraints: str, tags: list[str], zone: str) -> str:
    """Join what a machine must be into one constraint text."""
    parts = [constraints.strip()]
    if tags:
        parts.append(f"tags={','.join(tags)}")
    if zone:
        parts.append("zones=" + zone.replace(" ", "\\ "))
    return " ".join(part for part in parts if part)


def no_proxy(site: Site) -> str:
    """Return the hosts reached without a proxy; the cluster's own networks are among them."""
    given = site.proxy.no_proxy if site.proxy else []
    own = [str(site.networks.services), str(site.networks.pods)]
    return ",".join(dict.fromkeys([*given, *own]))
