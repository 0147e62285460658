"""The comparison of a lab with a model, topic by topic."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...bundle.charm_url import charm_name, is_local_path
from ...bundle.model import KUBERNETES, Application, Machine
from ...errors import BotlabError
from ...juju import Juju
from ...plan.change_set import natural
from ...plan.constraint_values import constraint_values
from ...plan.difference import Delta
from ...plan.machine_map import MachineMap
from ...plan.model import Model
from ...plan.platforms import Platforms
from ..lab import Lab
from .bindings import binding_differences
from .charms import CharmPair, charm_differences, local_path, platform_differences, refresh
from .constraints import constraint_differences
from .differences import (
    Difference,
    JujuCommand,
    Remedy,
    Stage,
    by_deploy,
    impossible,
    unattended,
)
from .exposure import exposure_differences
from .first_machines import add_machine, first_machines
from .machines import map_machines
from .notes import comparison_notes
from .observation import Observation
from .offers import offer_differences, remote_applications, remote_differences
from .options import option_differences, trust_differences
from .relations import RelationDifferences, relation_differences
from .resources import resource_differences
from .units import UnitPair, unit_differences

_OTHER_MACHINE = (
    "the constraints of a machine cannot be changed; to use another machine, remove the units on"
    " this one and the machine, and deploy again"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between a lab and a model.

    Attributes:
        differences: The differences.
        notes: What was not compared.
        machines: The machines of the model by the machines of the bundle.
        model: The model, in the form that plans are made for.
    """

    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    machines: Mapping[str, str]
    model: Model = field(default_factory=Model)

    def with_differences(self, differences: Iterable[Difference]) -> Comparison:
        """Return a comparison with further differences, which come first."""
        return dataclasses.replace(self, differences=(*differences, *self.differences))

    @property
    def needs_deploy(self) -> bool:
        """Whether only ``juju deploy`` of the bundle ends some difference."""
        return any(difference.remedy is Remedy.DEPLOY for difference in self.differences)

    def commands(self) -> list[JujuCommand]:
        """Return all commands, each once, in the order in which each can succeed."""
        commands = {
            command: None for difference in self.differences for command in difference.commands
        }
        return sorted(commands, key=lambda command: command.stage)

    def commands_beside_deploy(self) -> list[JujuCommand]:
        """Return the commands for what ``juju deploy`` does not do."""
        return [command for command in self.commands() if not command.is_part_of_deploy]


def compare(
    lab: Lab,
    observation: Observation,
    *,
    requested: MachineMap | None = None,
    contents: Mapping[str, bool] | None = None,
) -> Comparison:
    """Compare a lab with a model.

    Args:
        lab: The lab.
        observation: The model.
        requested: The machine map that the user asked for.
        contents: Whether applications have the content of their local charms in the bundle.
            Applications for which that is not known are missing.
    """
    model = observation.plan_model()
    machines = map_machines(lab.bundle, observation.status, model, requested or MachineMap())
    comparer = _Comparer(lab, observation, model, machines, contents or {})
    differences = tuple(comparer.run())
    notes = (*comparer.notes, *comparison_notes(lab, observation, comparer.unknown_contents))
    return Comparison(differences, notes, machines, model)


class _Comparer:
    """Compares one lab with one model."""

    def __init__(
        self,
        lab: Lab,
        observation: Observation,
        model: Model,
        machines: Mapping[str, str],
        contents: Mapping[str, bool],
    ) -> None:
        self._lab = lab
        self._observation = observation
        self._model = model
        self._machines = machines
        self._contents = contents
        self._platforms = Platforms(lab.bundle, observation.juju, lab.charms)
        self._is_kubernetes = lab.bundle.type == KUBERNETES
        self.notes: list[str] = []
        self.unknown_contents: list[str] = []

    @property
    def _juju(self) -> Juju:
        return self._observation.juju

    def run(self) -> Iterator[Difference]:
        """Yield all differences, topic by topic for each application."""
        bundle, document = self._lab.bundle, self._observation.status.document
        for name in sorted(bundle.applications, key=natural):
            yield from self._application(name, bundle.applications[name] or Application())
        yield from self._extra_applications()
        yield from self._missing_machines()
        yield from remote_differences(bundle, document)
        yield from self._relations().differences
        yield from offer_differences(bundle, document)
        yield from self._extra_machines()

    def _application(self, name: str, application: Application) -> Iterator[Difference]:
        if name not in self._observation.status.applications:
            yield by_deploy(Delta("added", "application", name))
            return
        if self._observation.status.applications[name].life != "alive":
            delta = Delta("changed", "application", name, "life", "dying", "alive")
            yield impossible(delta, "it is being removed; wait until it is gone, and deploy again")
            return
        yield from self._charm(name, application)
        yield from self._settings(name, application)
        if not self._is_kubernetes and not self._lab.is_subordinate(name):
            yield from unit_differences(
                UnitPair(
                    name,
                    application,
                    self._model.applications[name],
                    self._machines,
                    unattended(self._juju),
                    self._dying_units(name),
                    needs_first_units=self._model.lacks_first_units(name, application, self._juju),
                )
            )

    def _dying_units(self, application: str) -> frozenset[str]:
        units = self._observation.status.units.values()
        return frozenset(
            unit.name for unit in units if unit.application == application and unit.life != "alive"
        )

    def _charm(self, name: str, application: Application) -> Iterator[Difference]:
        pair = self._charm_pair(name, application)
        differences = list(charm_differences(pair))
        yield from differences
        if not differences and is_local_path(application.charm):
            yield from self._content(pair)
        yield from platform_differences(pair, self._platform(name, application))

    def _charm_pair(self, name: str, application: Application) -> CharmPair:
        facts = self._lab.charms.get(name)
        own_name = facts.name if facts and facts.name else charm_name(application.charm)
        deployed = self._model.applications[name]
        directory = self._lab.bundle.directory
        return CharmPair(name, application, deployed, own_name, directory, self._juju)

    def _content(self, pair: CharmPair) -> Iterator[Difference]:
        is_same = self._contents.get(pair.name)
        if is_same is None:
            self.unknown_contents.append(pair.name)
        elif not is_same:
            texts = pair.deployed.charm, pair.application.charm
            delta = Delta("changed", "application", pair.name, "charm content", *texts)
            yield Difference(delta, (refresh(pair, "--path", local_path(pair)),))

    def _platform(self, name: str, application: Application) -> str:
        """Return the platform of an application; empty if only Juju or the store decides it."""
        deployed = self._model.applications[name]
        charm = deployed.charm if deployed.has_local_charm else application.charm
        try:
            return self._platforms.of_application(name, application, charm)
        except BotlabError:
            return ""

    def _settings(self, name: str, application: Application) -> Iterator[Difference]:
        observation = self._observation
        settings = observation.settings(name)
        if settings is not None:
            yield from option_differences(name, application, settings, self._juju)
            yield from trust_differences(name, application, observation.configs[name])
        resources = observation.resources.get(name)
        if resources is not None:
            directory = self._lab.bundle.directory
            yield from resource_differences(name, application, resources, directory)
        yield from self._details(name, application)

    def _details(self, name: str, application: Application) -> Iterator[Difference]:
        details = self._observation.details.get(name)
        if details is not None:
            if not self._lab.is_subordinate(name):
                status = self._observation.status
                yield from constraint_differences(name, application, details, status)
            yield from binding_differences(name, application, details, self._juju)
        is_exposed = self._observation.status.applications[name].is_exposed
        yield from exposure_differences(
            name, application, details or {}, is_exposed=is_exposed, juju=self._juju
        )

    def _extra_applications(self) -> Iterator[Difference]:
        """Yield the applications that only the model has, subordinates first."""
        applications = self._observation.status.applications
        names = [
            name
            for name, application in applications.items()
            if name not in self._lab.bundle.applications and application.life == "alive"
        ]
        for name in sorted(names, key=lambda name: (not applications[name].principals, name)):
            command = JujuCommand(
                Stage.REMOVE_APPLICATIONS,
                "remove-application",
                (name,),
                (),
                "this also removes its units and relations",
                unattended=unattended(self._juju),
            )
            yield Difference(Delta("removed", "application", name), (command,))

    def _relations(self) -> RelationDifferences:
        remote = list(remote_applications(self._observation.status.document))
        nodes = self._observation.nodes
        relations = relation_differences(self._lab.bundle, nodes, remote, self._juju)
        self._model.relations = {frozenset(pair) for pair in relations.existing}
        self.notes += relations.notes
        return relations

    def _missing_machines(self) -> Iterator[Difference]:
        bundle = self._lab.bundle
        first = first_machines(bundle, self._model, self._juju)
        for name, machine in bundle.machines.items():
            existing = self._observation.status.machines.get(self._machines.get(name, ""))
            if existing is None:
                delta = Delta("added", "machine", name)
                commands = (add_machine(bundle, machine or Machine()),) if name in first else ()
                yield Difference(delta, commands, Remedy.DEPLOY)
                continue
            texts = existing.constraints, machine.constraints if machine else ""
            if _contradict(*texts):
                delta = Delta("changed", "machine", name, "constraints", *texts)
                yield impossible(delta, _OTHER_MACHINE)

    def _extra_machines(self) -> Iterator[Difference]:
        """Yield the machines that only the model has.

        A machine that was added by hand (``juju add-machine ssh:...``) can wait for its use.
        """
        mapped = {*self._machines.values()}
        for name, machine in self._observation.status.machines.items():
            is_waiting = machine.instance_id.startswith("manual:") and not self._has_units(name)
            if name in mapped or machine.parent or is_waiting or self._is_kubernetes:
                continue
            if machine.life != "alive":
                continue
            command = JujuCommand(
                Stage.REMOVE_MACHINES,
                "remove-machine",
                (name,),
                (),
                "Juju refuses this while a unit is on the machine",
                unattended=unattended(self._juju),
            )
            yield Difference(Delta("removed", "machine", name), (command,))

    def _has_units(self, machine: str) -> bool:
        units = self._observation.status.units.values()
        return any(unit.machine.partition("/")[0] == machine for unit in units)


def _contradict(current: str, desired: str) -> bool:
    """Return whether two texts of constraints have different values for the same constraint."""
    held = constraint_values(current)
    return any(
        name in held and held[name] != content
        for name, content in constraint_values(desired).items()
    )
