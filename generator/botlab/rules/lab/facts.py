"""An index over a bundle, in which the rules look things up."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...bundle.charm_url import charm_name, is_local_charm
from ...bundle.model import Application
from ...bundle.placement import Placement, parse_placement
from ...bundle.relation import RelationEnd
from ...catalogue.kubernetes import Version, read_track
from ...catalogue.model import JUJU_INFO, Charm, Endpoint
from ...catalogue.profiles import (
    OWN_CHARMS,
    Profile,
    ProfileApplication,
    instance_name,
    load_profile,
    profile_names,
)
from ...catalogue.yaml_files import load_value
from ...errors import BotlabError
from ..subject import Subject, names_charm

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ...site.machines import Machine
    from .maas_match import MaasMatches

INSTALLER = "kubeflow-installer"
WORKER = "kubernetes-worker"
# The control plane of 2019, and today's.
CONTROL_PLANES = ("kubernetes-master", "kubernetes-control-plane")
# Canonical Kubernetes: both charms run pods, and neither has the option `channel`.
K8S, K8S_WORKER = "k8s", "k8s-worker"
ALL_CONTROL_PLANES = (*CONTROL_PLANES, K8S)
# The charms on whose machines pods run.
POD_HOSTS = (WORKER, K8S_WORKER, K8S)
# Names of this project's charms that other charms have in Charmhub.
NAMESAKES = ("metallb",)


class Unit(NamedTuple):
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


def is_subordinate(charm: Charm | None, application: Application | None) -> bool:
    """Return whether an application is a subordinate, whose units stand beside others.

    Args:
        charm: Its charm; None if it is not known. An application without units counts as a
            subordinate then.
        application: The application; None if it has no body.
    """
    if charm is not None:
        return charm.subordinate
    return application is not None and not application.num_units


class Facts:
    """An index over one subject. Each part is computed when a rule first asks for it."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.bundle = subject.bundle
        self.juju = subject.juju
        self.charms = subject.charms
        self.site = subject.site

    @functools.cached_property
    def maas(self) -> MaasMatches | None:
        """The machines of the site with those of MAAS; None if MAAS is not known."""
        if self.subject.maas is None:
            return None
        from .maas_match import MaasMatches  # imported here, because few runs know MAAS

        return MaasMatches(self, self.subject.maas)

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
            charm = self.charm_name(name)
            is_own = self._is_own(name) or is_local_charm(application.charm)
            if charm not in NAMESAKES or is_own:
                names.setdefault(charm, []).append(name)
        return names

    def charm_name(self, name: str) -> str:
        """Return the name of an application's charm.

        A site decides which applications have this project's charms. In a store, these can have
        other names.
        """
        if self._is_own(name):
            return self.charms[name].name
        return charm_name(self.applications[name].charm)

    def _is_own(self, name: str) -> bool:
        """Return whether a site deploys an application with a charm of this project."""
        charm = self.charms.get(name)
        return self.site is not None and charm is not None and charm.name in OWN_CHARMS

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
    def profile(self) -> Profile | None:
        """The profile of the site at the site's channel; None for a bundle."""
        kubernetes, library = self.site.kubernetes if self.site else None, self.subject.profiles
        if kubernetes is None or kubernetes.profile not in profile_names(library):
            return None
        return load_profile(kubernetes.profile, kubernetes.channel, library)

    @functools.cached_property
    def missing_roles(self) -> list[tuple[ProfileApplication, int]]:
        """The applications for which the site has too few machines, with the number they need."""
        if self.profile is None:
            return []
        roles = self.profile.required_roles
        needed = ((app, roles.get(app.role, 0)) for app in self.profile.applications.values())
        return [(app, minimum) for app, minimum in needed if self._units_for(app.name) < minimum]

    def _units_for(self, name: str) -> int:
        """Return the units of an application, and of those for the site's entries of `workers`."""
        workers = self.site.workers if self.site else ()
        return sum(self.unit_count(instance_name(name, entry)) for entry in ("", *workers))

    def unit_count(self, name: str) -> int:
        """Return the number of an application's units; 0 when there is no such application."""
        return self.applications[name].num_units if name in self.applications else 0

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

    def is_subordinate(self, name: str) -> bool:
        """Return whether an application is a subordinate (see `is_subordinate`)."""
        return is_subordinate(self.charms.get(name), self.applications.get(name))

    @functools.cached_property
    def principals(self) -> dict[str, tuple[str, ...]]:
        """The principals of each subordinate: each of their units has a unit of the subordinate.

        A relation places units if one of its endpoints has container scope. An endpoint that is
        not known does not.
        """
        principals: dict[str, list[str]] = {
            name: [] for name in self.applications if self.is_subordinate(name)
        }
        for relation in filter(self.is_container_scoped, self.relations):
            names = [end.application for end in relation.ends]
            for name, principal in (names, reversed(names)):
                if name in principals and principal not in principals:
                    principals[name].append(principal)
        return {name: tuple(dict.fromkeys(names)) for name, names in principals.items()}

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

    def kubernetes_channel(self, name: str) -> str:
        """Return the channel of an application's Kubernetes: of its snaps, or of its charm k8s."""
        application = self.applications[name]
        is_k8s = charm_name(application.charm) in (K8S, K8S_WORKER)
        return application.channel if is_k8s else self.option(name, "channel")

    @functools.cached_property
    def kubernetes(self) -> Version | None:
        """The cluster's Kubernetes release: of the control plane's channel, or the profile's."""
        names = [name for name, _ in self.applications_of(*ALL_CONTROL_PLANES)]
        channels = [self.kubernetes_channel(name) for name in names]
        channels += [self.profile.kubernetes] if self.profile else []
        return next((track for text in channels if (track := read_track(text))), None)

    def exact_charm(self, name: str) -> Charm | None:
        """Return the facts of an application's charm when they are certain to be of that charm.

        A profile describes its own revisions of the charms. Where the site names another charm for
        the application, that charm may have other resources. This suite's charms are always known.
        """
        charm = self.charms.get(name)
        is_named = self.site is not None and names_charm(self.subject.origin, name)
        return None if is_named and charm and charm.name not in OWN_CHARMS else charm
