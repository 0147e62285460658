"""Machines that the first units of applications need before ``juju deploy``.

An interrupted deployment can leave applications without units before it adds their machines.
``juju deploy`` of Juju 4 fails at such an application if its charm is local (see ``units``).
"""

from __future__ import annotations

from ...bundle.model import Bundle, Machine
from ...bundle.placement import parse_placement
from ...juju import Juju
from ...plan.model import Model
from .differences import JujuCommand, Stage
from .machines import has_unique_constraints


def first_machines(bundle: Bundle, model: Model, juju: Juju) -> set[str]:
    """Return the machines of a bundle for units without which ``juju deploy`` would fail.

    Only machines are returned that are recognised by their constraints once they exist.

    Args:
        bundle: The bundle.
        model: The model.
        juju: The release of the controller.
    """
    placements = (
        parse_placement(text)
        for name, application in bundle.applications.items()
        if application and model.lacks_first_units(name, application, juju)
        for text in application.to
    )
    names = {placement.machine for placement in placements if placement}
    return {name for name in names if has_unique_constraints(bundle, name)}


def add_machine(bundle: Bundle, machine: Machine) -> JujuCommand:
    """Return the command that adds a machine as ``juju deploy`` would.

    Args:
        bundle: The bundle.
        machine: The machine in the bundle.
    """
    base = machine.base or bundle.default_base
    options = ("--constraints", machine.constraints, *(("--base", base) if base else ()))
    why = "its unit, which Juju 4 needs before deploy, is added after it"
    return JujuCommand(Stage.FIRST_MACHINES, "add-machine", (), options, why)
