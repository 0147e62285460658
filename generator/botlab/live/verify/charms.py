"""Run the action ``verify`` on the units of this project's charms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..advice import model_command
from ..errors import CallTimedOutError, DeadlineError, LiveError
from ..lab import Lab
from ..live_model import LiveModel
from ..status.model import ModelStatus, UnitStatus
from .answers import ACTION, checks_of_action
from .commands import action_command
from .report import Check

# The charms that check their own machine. The others check the cluster, which one unit can do.
_MACHINE_CHARMS = ("nfs-server", "nvidia-runtime")
# An action does not start on a unit whose agent has one of these states.
_SILENT_AGENTS = ("lost", "failed", "allocating")


@dataclass(frozen=True, slots=True)
class CharmChecks:
    """The checks of one unit.

    Attributes:
        checks: The checks.
        is_out_of_time: Whether the action did not end in time.
    """

    checks: tuple[Check, ...]
    is_out_of_time: bool = False


def units_to_verify(lab: Lab, status: ModelStatus) -> Iterator[UnitStatus]:
    """Yield the units whose charm has checks: all of a charm that checks its machine, or one."""
    for name in lab.own_applications:
        units = _units(status, name)
        if lab.charm_name(name) in _MACHINE_CHARMS:
            yield from units
        elif units:
            yield next((unit for unit in units if unit.is_leader), units[0])


def missing_units(lab: Lab, status: ModelStatus) -> Iterator[Check]:
    """Yield a failed check for each application that has fewer units than its lab."""
    for name in lab.own_applications:
        observed, desired = len(_units(status, name)), _desired_units(lab, name)
        if observed < desired:
            yield Check(
                "units",
                False,
                f"{name} has {observed} of {desired} units; add the missing ones with botlab"
                " deploy SITE",
            )


def verify_unit(
    model: LiveModel, status: ModelStatus, unit: UnitStatus, seconds: float
) -> CharmChecks:
    """Return the checks of a unit.

    Args:
        model: The model.
        status: Its state.
        unit: The unit.
        seconds: How long to wait for the result.
    """
    agent = unit.agent.current
    if agent in _SILENT_AGENTS:
        advice = model_command(status, "show-status-log", unit.name)
        message = f"the Juju agent of the unit is {agent}, so no action runs; see {advice}"
        return CharmChecks((Check(ACTION, False, message, unit.name),))
    try:
        action = model.run_action(unit.name, ACTION, seconds=seconds)
    except (CallTimedOutError, DeadlineError) as error:
        return CharmChecks((Check(ACTION, False, error.message, unit.name),), is_out_of_time=True)
    except LiveError as error:
        return CharmChecks((Check(ACTION, False, error.message, unit.name),))
    command = action_command(model.juju, status, unit.name, ACTION)
    return CharmChecks(tuple(checks_of_action(action, unit.name, command)))


def _units(status: ModelStatus, application: str) -> list[UnitStatus]:
    return [unit for unit in status.units.values() if unit.application == application]


def _desired_units(lab: Lab, application: str) -> int:
    if not lab.is_subordinate(application):
        return lab.applications[application].num_units
    principals = lab.principals.get(application, ())
    return sum(lab.applications[name].num_units for name in principals)
