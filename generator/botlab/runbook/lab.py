"""The lab of a runbook: a site with its bundle, and the names of its files."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..bundle.charm_url import is_local_path
from ..bundle.model import Application, Bundle
from ..catalogue.kubernetes import Version
from ..catalogue.model import Charm
from ..catalogue.profiles import BUILT_IN, OWN_CHARMS, ProfileLibrary
from ..findings import KeyPath
from ..juju import Juju
from ..render.shared_storage import nfs_servers
from ..rules.lab.facts import ALL_CONTROL_PLANES, POD_HOSTS, Facts, Unit
from ..rules.subject import Subject
from ..shell import command_line, repeated
from ..site.machines import Machine
from ..site.model import Site
from ..site.nfs import Nfs
from .commands import JujuCommands


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a site. The names start in the directory of the site file.

    Attributes:
        site: The site file.
        bundle: The bundle.
        options: The options of botlab that belong to the site, such as ``--layer FILE``.
        overlays: The overlays that are deployed with the bundle.
        layers: The site files that are merged into the site.
        profiles: The directories of own profiles, one for each profile.
        includes: The files that values of the bundle are read from, by the values' key paths.
        runbook: The file of the runbook; empty for ``RUNBOOK.md`` beside the site file.
        directory: The absolute path of the directory of the site file.
    """

    site: str
    bundle: str = "bundle.yaml"
    options: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    includes: Mapping[KeyPath, tuple[str, ...]] = field(
        default_factory=dict[KeyPath, tuple[str, ...]]
    )
    runbook: str = ""
    directory: str = "/"


@dataclass(frozen=True)
class RunbookLab:
    """A site with its bundle.

    Attributes:
        site: The site.
        bundle: Its bundle, with all overlays.
        juju: The Juju release.
        charms: The facts of the charms by application. Applications may be missing.
        files: The names of the files.
        model_options: The options of the model that the site needs.
        profiles: The profiles that the site can choose.
    """

    site: Site
    bundle: Bundle
    juju: Juju
    charms: Mapping[str, Charm]
    files: Files
    model_options: Mapping[str, str] = field(default_factory=dict[str, str])
    profiles: ProfileLibrary = BUILT_IN
    commands: JujuCommands = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "commands", JujuCommands(self.juju))

    @functools.cached_property
    def facts(self) -> Facts:
        """An index over the bundle."""
        subject = Subject(self.bundle, self.juju, self.charms, self.site, profiles=self.profiles)
        return Facts(subject)

    @functools.cached_property
    def nfs_servers(self) -> dict[str, Nfs]:
        """The applications that have the data of claims, with their sections of the site."""
        own = frozenset(self.own)
        return {
            name: nfs
            for name, (_, nfs) in nfs_servers(self.site).items()
            if name in own and self.units_of(name) and nfs.server
        }

    @property
    def name(self) -> str:
        """The name of the site and of its model."""
        return self.site.site

    @property
    def applications(self) -> Mapping[str, Application]:
        """The applications of the bundle by name."""
        return self.facts.applications

    @functools.cached_property
    def machines(self) -> dict[str, tuple[str, Machine]]:
        """The machines of the site by their numbers in the bundle, each with its name."""
        return {str(number): entry for number, entry in enumerate(self.site.machines.items())}

    def botlab(self, verb: str, *options: str) -> str:
        """Return a command of botlab for the site file."""
        return command_line("botlab", verb, self.files.site, *self.files.options, *options)

    @property
    def runbook_command(self) -> str:
        """The command that writes the runbook again."""
        return self.botlab("runbook", *repeated("--output", filter(None, [self.files.runbook])))

    def of_charms(self, *charms: str) -> list[str]:
        """Return the applications of some charms."""
        return [name for name, _ in self.facts.applications_of(*charms)]

    @functools.cached_property
    def own(self) -> list[str]:
        """The applications of this project's charms."""
        return self.of_charms(*OWN_CHARMS)

    @functools.cached_property
    def control_planes(self) -> list[str]:
        """The applications whose units run the API server."""
        return self.of_charms(*ALL_CONTROL_PLANES)

    @functools.cached_property
    def workers(self) -> list[str]:
        """The applications whose units run pods."""
        return [name for name in self.of_charms(*POD_HOSTS) if self.units_of(name)]

    @property
    def has_cluster(self) -> bool:
        """Whether Juju manages the Kubernetes cluster."""
        return bool(self.control_planes)

    @property
    def kubernetes(self) -> Version | None:
        """The release of Kubernetes; None if it is not known."""
        return self.facts.kubernetes

    def has_action(self, application: str, action: str) -> bool:
        """Return whether the charm of an application is known to have an action."""
        charm = self.charms.get(application)
        return charm is not None and action in charm.actions

    def is_local(self, application: str) -> bool:
        """Return whether the charm of an application is a file."""
        return is_local_path(self.applications[application].charm)

    def units_of(self, application: str) -> list[Unit]:
        """Return the units of an application."""
        return self.facts.units_of(application)

    def leader(self, application: str) -> str:
        """Return how commands name the leader unit of an application, whatever its number is."""
        return f"{application}/leader"

    def reachable(self, application: str) -> str:
        """Return how `juju ssh`, `juju scp` and their actions name a unit of an application."""
        if self.commands.juju.has_leader_in_ssh:
            return self.leader(application)
        return unit_name(self.units_of(application)[0])

    def workers_on(self, machine: str) -> list[Unit]:
        """Return the units on a machine that run pods."""
        return [unit for unit in self.units_on(machine) if unit.application in self.workers]

    def units_on(self, machine: str) -> list[Unit]:
        """Return the units on a machine of the bundle, with those in its containers."""
        return self._units_by_machine.get(machine, [])

    @functools.cached_property
    def _units_by_machine(self) -> dict[str, list[Unit]]:
        units: dict[str, list[Unit]] = {}
        for unit in self.facts.units:
            units.setdefault(unit.placement.machine, []).append(unit)
        return units


def unit_name(unit: Unit) -> str:
    """Return the name of a unit after a deployment into an empty model."""
    return f"{unit.application}/{unit.number}"
