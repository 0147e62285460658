"""What the rules look things up in, worked out once per bundle."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ...bundle.charmurl import charm_name
from ...bundle.model import Application
from ...bundle.placement import Placement, parse_placement
from ...catalogue.kubernetes import Version, read_track
from ...catalogue.model import Endpoint
from ...catalogue.profiles import load_profile, profile_names
from ..subject import Subject

INSTALLER = "kubeflow-installer"
CONTROL_PLANES = ("kubernetes-master", "kubernetes-control-plane")
JUJU_INFO = Endpoint("juju-info", "provides", "juju-info", "container")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with a placement: its application, its number, and where it goes."""

    application: str
    number: int
    placement: Placement


class Facts:
    """An index over one subject."""

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
    def by_charm(self) -> dict[str, list[str]]:
        """The applications of each charm."""
        result: dict[str, list[str]] = {}
        for name, application in self.applications.items():
            result.setdefault(charm_name(application.charm), []).append(name)
        return result

    def named(self, *charms: str) -> list[tuple[str, Application]]:
        """Return the applications of some charms."""
        names = [name for charm in charms for name in self.by_charm.get(charm, ())]
        return [(name, self.applications[name]) for name in names]

    @functools.cached_property
    def units(self) -> list[Unit]:
        """The units that have a placement that can be read."""
        return [
            Unit(name, number, placement)
            for name, application in self.applications.items()
            for number, text in enumerate(application.to)
            if (placement := parse_placement(text)) is not None
        ]

    @functools.cached_property
    def on_machine(self) -> dict[str, dict[str, list[Unit]]]:
        """The units right on each machine (not in containers), by application."""
        result: dict[str, dict[str, list[Unit]]] = {}
        for unit in self.units:
            if unit.placement.machine and not unit.placement.container:
                machine = result.setdefault(unit.placement.machine, {})
                machine.setdefault(unit.application, []).append(unit)
        return result

    def machines_with(self, *charms: str) -> Iterator[tuple[str, list[Unit]]]:
        """Yield the machines that carry units of all these charms, with those units."""
        names = [set(self.by_charm.get(charm, ())) for charm in charms]
        for machine, applications in self.on_machine.items():
            found = [sorted(group & applications.keys()) for group in names]
            if all(found):
                yield machine, [applications[group[0]][0] for group in found]

    @functools.cached_property
    def relations(self) -> list[tuple[int, tuple[str, str], tuple[str, str]]]:
        """The relations as index and two (application, endpoint) pairs."""
        result: list[tuple[int, tuple[str, str], tuple[str, str]]] = []
        for index, pair in enumerate(self.bundle.relations):
            if len(pair) == 2:
                left, right = (end.partition(":") for end in pair)
                result.append((index, (left[0], left[2]), (right[0], right[2])))
        return result

    @functools.cached_property
    def neighbours(self) -> dict[str, set[str]]:
        """Which applications each application is related to."""
        result: dict[str, set[str]] = {}
        for _, left, right in self.relations:
            result.setdefault(left[0], set()).add(right[0])
            result.setdefault(right[0], set()).add(left[0])
        return result

    def endpoint(self, end: tuple[str, str]) -> Endpoint | None:
        """Return the facts of a relation's end, where known."""
        charm = self.charms.get(end[0])
        if charm is None:
            return None
        found = charm.endpoints.get(end[1])
        return JUJU_INFO if found is None and end[1] == "juju-info" else found

    def option(self, name: str, key: str) -> str:
        """Return an option's value as text: the bundle's, else the charm's default where known."""
        found = self.applications[name].options.get(key)
        charm = self.charms.get(name)
        if found is None and charm is not None and key in charm.options:
            found = charm.options[key].default
        return "" if found is None else str(found)

    def document(self, name: str, key: str) -> object:
        """Return an option that holds YAML as data; None when it is empty or cannot be read."""
        try:
            return yaml.safe_load(self.option(name, key))
        # A time stamp of no day is a ValueError; brackets without end are too deep for the reader.
        except (yaml.YAMLError, ValueError, RecursionError):
            return None

    @functools.cached_property
    def kubernetes(self) -> Version | None:
        """The cluster's Kubernetes: of its control plane's channel, else of the site's profile."""
        channels = [self.option(name, "channel") for name, _ in self.named(*CONTROL_PLANES)]
        if self.site and self.site.kubernetes.profile in profile_names():
            channels.append(load_profile(self.site.kubernetes.profile).kubernetes)
        return next((track for text in channels if (track := read_track(text))), None)
