"""Differences of the constraints of applications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from ...bundle.constraints import split_constraints
from ...bundle.model import Application
from ...plan.constraint_values import ConstraintValues, constraint_values, values_of_mapping
from ...plan.difference import Delta, text_of
from ...plan.model_status import objects
from ..live_model import JsonObject
from ..status.model import ModelStatus
from .differences import Difference, JujuCommand, Stage

_SIZES = frozenset(("mem", "root-disk"))


def constraint_differences(
    name: str, application: Application, details: JsonObject, status: ModelStatus
) -> Iterator[Difference]:
    """Yield the difference of an application's constraints, if there is one.

    Juju itself gives charms of a store the architecture of the model. It is not a difference.

    Args:
        name: The name of the application.
        application: The application in the bundle.
        details: What ``juju show-application`` prints about it.
        status: The status of the model.
    """
    current = values_of_mapping(objects({"": details})[""].get("constraints") or {})
    desired = constraint_values(application.constraints)
    if "arch" not in desired and current.get("arch") in _architectures(name, status):
        del current["arch"]
    if _without_empty(current) == _without_empty(desired):
        return
    words = [f"{key}={text}" for key, text in split_constraints(application.constraints)]
    why = "the site names these constraints" if words else "the site names no constraints"
    command = JujuCommand(
        Stage.SETTINGS, "set-constraints", (name, *words), (), why, is_part_of_deploy=True
    )
    texts = constraints_text(current), application.constraints
    yield Difference(Delta("changed", "application", name, "constraints", *texts), (command,))


def constraints_text(values: ConstraintValues) -> str:
    """Return constraints in the form of a bundle, sorted by name."""
    return " ".join(f"{name}={_text(name, values[name])}" for name in sorted(values))


def _text(name: str, content: object) -> str:
    if isinstance(content, tuple):
        return ",".join(cast("tuple[str, ...]", content))
    return f"{content}M" if name in _SIZES else text_of(content)


def _without_empty(values: ConstraintValues) -> Mapping[str, object]:
    return {name: content for name, content in values.items() if content not in ("", ())}


def _architectures(name: str, status: ModelStatus) -> set[str]:
    """Return the architectures of the machines that have units of an application."""
    machines = {unit.machine for unit in status.units.values() if unit.application == name}
    deployed = [status.machines[machine] for machine in machines if machine in status.machines]
    return {machine.hardware.get("arch", "") for machine in deployed} - {""}
