"""An index over a bundle, in which the rules look things up."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ...bundle.charm_url import charm_name, is_local_charm
from ...bundle.model import Application
from ...bundle.placement import Placement, parse_placement
from ...bundle.relation import RelationEnd
from ...catalogue.kubernetes import Version, read_track
from ...catalogue.model import JUJU_INFO, Charm, Endpoint
from ...catalogue.profiles import OWN_CHARMS, load_profile, profile_names
from ...catalogue.yaml_files import load_value
from ...errors import BotlabError
from ...site.machines import Machine
from ..subject import Subject

INSTALLER = "kubeflow-installer"
WORKER = "kubernetes-worker"
# The control plane of 2019, and today's.
CONTROL_PLANES = ("kubernetes-master", "kubernetes-control-plane")
# Names of this project's charms that other charms have in Charmhub.
_NAMESAKES = ("metallb",)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that has a placement.

    Attributes:
        application: The name of its application.
        number: Its position in the application's ``to``.
        placement: Where it is placed.
    """

    application: str
    number: int
    placement: Placement


class Relation(NamedTuple):
    """A relation of the bundle, with its position in ``relations``."""

    position: int
    left: RelationEnd
    right: RelationEnd

    @property
    def ends(self) -> tuple[RelationEnd, RelationEnd]:
        """Both ends."""
        return self.left, self.right


class Facts:
    """An index over one subject. Each part is computed when a rule first asks for it."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.bundle = subject.bundle
        self.juju = subject.juju
        self.charms = subject.charms
        self.site = subject.site

    @functools.cached_property
    def applications(self) -> dict[str, Application]:
        """The applications that have a body."""
        return {name: app for name, app in self.bundle.applications.items() if app is not None}

    @functools.cached_property
    def names_by_charm(self) -> dict[str, list[str]]:
        """The names of the applications of each charm.

        A charm from a store is left out if it only has the name of one of this project's charms.
        """
        names: dict[str, list[str]] = {}
        for name, application in self.applications.items():
            charm = charm_name(application.charm)
            if charm not in _NAMESAKES or is_local_charm(application.charm):
                names.setdefault(charm, []).append(name)
        return names

    def applications_of(self, *charms: str) -> list[tuple[str, Application]]:
        """Return the applications of some charms, with their names."""
        names = [name for charm in charms for name in self.names_by_charm.get(charm, ())]
        return [(name, self.applications[name]) for name in names]

    @functools.cached_property
    def units(self) -> list[Unit]:
        """The units whose placement can be parsed."""
        return [
            Unit(name, number, placement)
            for name, application in self.applications.items()
            for number, text in enumerate(application.to)
            if (placement := parse_placement(text)) is not None
        ]

    @functools.cached_property
    def _units_by_application(self) -> dict[str, list[Unit]]:
        units: dict[str, list[Unit]] = {}
        for unit in self.units:
            units.setdefault(unit.application, []).append(unit)
        return units

    def units_of(self, application: str) -> list[Unit]:
        """Return the units of an application whose placement can be parsed."""
        return self._units_by_application.get(application, [])

    @functools.cached_property
    def site_machines(self) -> list[Machine]:
        """The machines of the site, in the order of the bundle's numbers."""
        return list(self.site.machines.values()) if self.site else []

    @functools.cached_property
    def units_by_machine(self) -> dict[str, dict[str, list[Unit]]]:
        """The units on each machine itself, not in its containers, by application."""
        machines: dict[str, dict[str, list[Unit]]] = {}
        for unit in self.units:
            if unit.placement.machine and not unit.placement.container:
                units = machines.setdefault(unit.placement.machine, {})
                units.setdefault(unit.application, []).append(unit)
        return machines

    def machines_with(self, *charms: str) -> Iterator[tuple[str, list[Unit]]]:
        """Yield the machines that have units of all the charms, with one unit of each charm."""
        names = [set(self.names_by_charm.get(charm, ())) for charm in charms]
        for machine, applications in self.units_by_machine.items():
            present = [sorted(group & applications.keys()) for group in names]
            if all(present):
                yield machine, [applications[group[0]][0] for group in present]

    @functools.cached_property
    def relations(self) -> list[Relation]:
        """The relations that have two ends."""
        relations: list[Relation] = []
        for index, pair in enumerate(self.bundle.relations):
            if len(pair) == 2:
                left, right = (end.partition(":") for end in pair)
                ends = RelationEnd(left[0], left[2]), RelationEnd(right[0], right[2])
                relations.append(Relation(index, *ends))
        return relations

    @functools.cached_property
    def _relations_by_application(self) -> dict[str, list[Relation]]:
        relations: dict[str, list[Relation]] = {}
        for relation in self.relations:
            for name in dict.fromkeys(end.application for end in relation.ends):
                relations.setdefault(name, []).append(relation)
        return relations

    def relations_of(self, application: str) -> list[Relation]:
        """Return the relations that an application is an end of."""
        return self._relations_by_application.get(application, [])

    @functools.cached_property
    def related_applications(self) -> dict[str, set[str]]:
        """The applications that each application is related to."""
        names: dict[str, set[str]] = {}
        for _, left, right in self.relations:
            names.setdefault(left.application, set()).add(right.application)
            names.setdefault(right.application, set()).add(left.application)
        return names

    def endpoint(self, end: RelationEnd) -> Endpoint | None:
        """Return the endpoint that an end of a relation names; None when it is not known."""
        charm = self.charms.get(end.application)
        if charm is None:
            return None
        if end.relation not in charm.endpoints and end.relation == JUJU_INFO.name:
            return JUJU_INFO
        return charm.endpoints.get(end.relation)

    def is_container_scoped(self, relation: Relation) -> bool | None:
        """Return whether a relation connects units on the same machine only.

        One end with container scope is enough (juju/juju state/state.go AddRelation).

        Returns:
            None when an end is not known, and the other one has global scope or is not known.
        """
        endpoints = [self.endpoint(end) for end in relation.ends]
        if any(endpoint and endpoint.scope == "container" for endpoint in endpoints):
            return True
        return None if None in endpoints else False

    def option(self, name: str, key: str) -> str:
        """Return an option of an application as text: the bundle's value or the charm's default.

        Returns:
            An empty text when the option has no value, or its default is not known.
        """
        setting: object = self.applications[name].options.get(key)
        charm = self.charms.get(name)
        if setting is None and charm is not None and key in charm.options:
            setting = charm.options[key].default
        return "" if setting is None else str(setting)

    def yaml_option(self, name: str, key: str) -> object:
        """Return the YAML value in an option; None when it is empty or cannot be read."""
        try:
            return load_value(self.option(name, key), key)
        except BotlabError:
            return None

    @functools.cached_property
    def kubernetes(self) -> Version | None:
        """The cluster's Kubernetes release: of the control plane's channel, or the profile's."""
        channels = [
            self.option(name, "channel") for name, _ in self.applications_of(*CONTROL_PLANES)
        ]
        if self.site and self.site.kubernetes.profile in profile_names():
            channels.append(load_profile(self.site.kubernetes.profile).kubernetes)
        return next((track for text in channels if (track := read_track(text))), None)

    def exact_charm(self, name: str) -> Charm | None:
        """Return the facts of an application's charm when they are certain to be of that charm.

        A profile describes its own revisions of the charms. Where the site names another charm for
        the application, that charm may have other resources. This suite's charms are always known.
        """
        charm = self.charms.get(name)
        override = self.site.applications.get(name) if self.site else None
        if override and override.charm and charm and charm.name not in OWN_CHARMS:
            return None
        return charm
