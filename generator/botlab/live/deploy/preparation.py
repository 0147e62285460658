"""The plan for a model as it is now, and the commands that deploying does not replace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ... import plan
from ...juju import Juju
from ...plan.change_set import Change, ChangeSet
from ...plan.model import Model
from ...plan.model_details import add_applications
from ...plan.notes import notes_about_changes
from ...plan.option_commands import REASON, can_change_options
from ..advice import model_command
from ..comparison import Comparison, JujuCommand, compare, observe
from ..comparison.contents import same_contents
from ..comparison.differences import Stage
from ..comparison.machines import map_text
from ..comparison.model_options import model_option_differences
from ..comparison.observation import Observation
from ..comparison.options import typed_value
from ..lab import Lab
from ..live_model import LiveModel
from ..time_limits import Deadline
from .grants import Grants, grants_of
from .request import DeployRequest


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a deployment would do with a model as it is now.

    Attributes:
        observation: The model.
        comparison: The comparison of the lab with the model.
        changes: The changes of ``juju deploy`` after the commands that set options or add units
            before it; empty if Juju refuses to plan, or would refuse a change.
        refusal: Why Juju refuses; empty if it does not.
        map_machines: The value of ``--map-machines`` for ``juju deploy``.
        notes: What the plan could not know.
        grants: The commands that let applications read the secrets in their options.
    """

    observation: Observation
    comparison: Comparison
    changes: ChangeSet
    refusal: str
    map_machines: str
    notes: tuple[str, ...]
    grants: Grants

    @property
    def ineffective(self) -> list[Change]:
        """The changes that Juju repeats although the model has their result."""
        return [change for change in self.changes.changes if self._is_ineffective(change)]

    @property
    def has_effect(self) -> bool:
        """Whether ``juju deploy`` would change the model."""
        return len(self.ineffective) < len(self.changes.changes)

    @property
    def needed_grants(self) -> tuple[JujuCommand, ...]:
        """The grants that the model lacks, or may lack because a deployment adds applications."""
        return (*self.grants.missing, *(self.grants.unknown if self.has_effect else ()))

    def commands(self, *, before_deploy: bool) -> list[JujuCommand]:
        """Return the commands to run before or after ``juju deploy``."""
        return [
            command
            for command in self.comparison.commands_beside_deploy()
            if command.stage.precedes_deploy == before_deploy
        ]

    def _is_ineffective(self, change: Change) -> bool:
        """Return whether the model has the result of an exposure or an offer already.

        Juju compares an exposure with another form of it, and does not compare offers.
        """
        differing = {
            (difference.delta.kind, difference.delta.name)
            for difference in self.comparison.differences
            if difference.delta.kind != "application" or difference.delta.field in ("", "expose")
        }
        kind, name = _subject(change)
        return bool(kind) and (kind, name) not in differing


def _subject(change: Change) -> tuple[str, str]:
    """Return the kind and the name of what a repeated change is about; empty for others."""
    if change.method == "expose":
        target = str(change.args[0])
        return ("", "") if target.startswith("$") else ("application", target)
    positions = {"createOffer": ("offer", 2), "grantOfferAccess": ("offer", 2)}
    positions["consumeOffer"] = ("saas", 1)
    kind, position = positions.get(change.method, ("", 0))
    return (kind, str(change.args[position])) if kind else ("", "")


def prepare(
    live: LiveModel, request: DeployRequest, deadline: Deadline, *, has_contents: bool = True
) -> Preparation:
    """Read the model, compare it with the lab, and plan the deployment.

    Args:
        live: The model.
        request: What to deploy.
        deadline: The end of the time that the user allowed.
        has_contents: Whether to compare the files of local charms, which takes some seconds.

    Raises:
        LiveError: When the controller or the model cannot be used, or the time is over.
    """
    observation = observe(live, request.lab.bundle, deadline)
    lab, status = request.lab, observation.status
    contents = same_contents(live, status, lab, deadline) if has_contents else {}
    comparison = compare(lab, observation, requested=request.machine_map, contents=contents)
    comparison = _with_model_options(comparison, live, lab, observation.juju)
    model = comparison.model
    _set_early_options(comparison, observation)
    _add_early_units(lab, comparison, observation)
    changes, refusal = _changes(request, observation, model)
    map_machines = map_text(comparison.machines) or request.map_machines
    notes = (*notes_about_changes(model, changes), *comparison.notes)
    grants = grants_of(live, lab, observation.juju)
    return Preparation(observation, comparison, changes, refusal, map_machines, notes, grants)


def _with_model_options(
    comparison: Comparison, live: LiveModel, lab: Lab, juju: Juju
) -> Comparison:
    """Return a comparison with the differences of the model's own options."""
    if not lab.model_options:
        return comparison
    differences = model_option_differences(lab.model_options, live.model_config(), juju)
    return comparison.with_differences(differences)


def _changes(
    request: DeployRequest, observation: Observation, model: Model
) -> tuple[ChangeSet, str]:
    """Return the changes of ``juju deploy``, or none and why Juju refuses to plan."""
    lab, juju = request.lab, observation.juju
    dying = _dying(lab, observation)
    if dying:
        return ChangeSet(juju), f"these applications are being removed: {', '.join(dying)}"
    try:
        changes = plan.changes(lab.bundle, juju, charms=lab.charms, model=model)
    except plan.PlanError as error:
        return ChangeSet(juju), str(error)
    refusal = _option_refusal(changes) or _unit_refusal(lab, model, observation)
    return (ChangeSet(juju), refusal) if refusal else (changes, "")


def _dying(lab: Lab, observation: Observation) -> list[str]:
    """Return the applications of the lab that are being removed from the model."""
    applications = observation.status.applications
    names = [name for name in lab.applications if name in applications]
    return [name for name in names if applications[name].life != "alive"]


def _option_refusal(changes: ChangeSet) -> str:
    """Return why Juju would refuse to set options that the model has, in another type."""
    options = {} if can_change_options(changes.juju) else changes.changed_options()
    if not options:
        return ""
    names = [f"{key} of {name}" for name, settings in options.items() for key in settings]
    return (
        f"{REASON}, but would try it with {', '.join(names)}, because the bundle has the value in"
        " another type than the charm; write it in the type that juju config APPLICATION prints"
    )


def _unit_refusal(lab: Lab, model: Model, observation: Observation) -> str:
    """Return why Juju would not find the files of local charms."""
    names = [
        name
        for name, application in lab.applications.items()
        if model.lacks_first_units(name, application, observation.juju)
    ]
    if not names:
        return ""
    remove = model_command(observation.status, "remove-application", *names)
    return (
        f"Juju 4 does not find the local charm of an application without units again, and"
        f" {', '.join(names)} has none; run `{remove}`, so"
        " that the deployment adds it with its units"
    )


def _add_early_units(lab: Lab, comparison: Comparison, observation: Observation) -> None:
    """Add the machines and units that commands will have added before ``juju deploy``."""
    model = comparison.model
    for difference in comparison.differences:
        if any(command.stage is Stage.FIRST_MACHINES for command in difference.commands):
            model.add_machine(difference.delta.name)
    for name, application in lab.applications.items():
        if model.lacks_first_units(name, application, observation.juju):
            for target in model.targets(application):
                model.add_unit(name, target)
    add_applications(model, observation.details)


def _set_early_options(comparison: Comparison, observation: Observation) -> None:
    """Set the options of the model that commands will have set before ``juju deploy``."""
    for command in comparison.commands_beside_deploy():
        name = command.operands[0] if command.values else ""
        settings, application = observation.settings(name), comparison.model.applications.get(name)
        if settings is not None and application and application.options is not None:
            application.options |= {
                key: typed_value(settings.get(key, {}), text) for key, text in command.values
            }


def plan_lines(preparation: Preparation) -> Iterator[str]:
    """Yield the lines that show the plan to people."""
    ineffective = {change.id for change in preparation.ineffective}
    ordered = preparation.changes.sorted()
    effective = [change for change in ordered if change.id not in ineffective]
    yield from _change_lines("juju deploy will make these changes:", effective)
    repeated = [change for change in ordered if change.id in ineffective]
    heading = "juju deploy prints these lines again, but they have no effect:"
    yield from _change_lines(heading, repeated)


def _change_lines(heading: str, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield heading
        yield from (f"- {line}" for change in changes for line in change.description)


def progress_line(preparation: Preparation, request: DeployRequest) -> str:
    """Return a sentence about how much of the lab the model has."""
    status, bundle = preparation.observation.status, request.lab.bundle
    deployed = [name for name in bundle.applications if name in status.applications]
    if not deployed and not status.machines:
        return "The model is empty."
    units = sum(
        unit.application in deployed and not unit.principal for unit in status.units.values()
    )
    planned = sum(app.num_units if app else 0 for app in bundle.applications.values())
    return (
        f"The model has {len(deployed)} of {len(bundle.applications)} applications, {units} of"
        f" {planned} units and {len(preparation.comparison.machines)} of {len(bundle.machines)}"
        " machines of the site."
    )
