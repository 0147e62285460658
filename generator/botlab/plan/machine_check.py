"""The check that each machine that a plan adds is used.

Source: ``checkAllMachinesUsed`` of juju/bundlechanges (2.6) and of core/bundle/changes (2.9 and
later).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..bundle.go_text import quote
from ..bundle.model import Bundle
from .change_set import ChangeSet, natural
from .errors import PlanError
from .model import Model
from .unit_planner import NewMachine


def check_machines_used(
    bundle: Bundle, model: Model, changes: ChangeSet, machines: Mapping[str, NewMachine]
) -> None:
    """Refuse a plan that adds a machine without using it.

    Args:
        bundle: The bundle.
        model: The model that it is deployed to.
        changes: The changes of the plan.
        machines: The machines that the plan adds, by their ids in the bundle.

    Raises:
        PlanError: With Juju's message for the first such machine.
    """
    required = changes.all_required()
    for name, machine in machines.items():
        if machine.change.id not in required:
            hints = _targets(bundle, model) + _applications(bundle, name)
            raise PlanError(
                "bundle and machine mapping are inconsistent: need an explicit entry mapping"
                f" bundle machine {quote(name)}{hints}"
            )


def _targets(bundle: Bundle, model: Model) -> str:
    """Return Juju's words about the machines that the bundle does not refer to."""
    mapped = {model.machine_map.get(name) for name in bundle.machines}
    targets = [quote(name) for name in sorted(set(model.machines) - mapped, key=natural)]
    if not targets:
        return ""
    if len(targets) == 1:
        return f", perhaps to unreferenced model machine {targets[0]}"
    return f", perhaps to one of model machines [{', '.join(targets)}]"


def _applications(bundle: Bundle, machine: str) -> str:
    names = [
        name
        for name, application in bundle.applications.items()
        for placement in (application.to if application else ())
        if placement == machine
    ]
    return f" - the target should host [{', '.join(sorted(names, key=natural))}]" if names else ""
