"""The rows of the machines in an overview."""

from __future__ import annotations

from ..status.model import ModelStatus
from ..wait.machines import is_started, judge_machine
from .model import MachineRow


def machine_rows(status: ModelStatus) -> tuple[MachineRow, ...]:
    """Return all machines and containers of a model, each with its principal units."""
    units: dict[str, list[str]] = {}
    for unit in status.units.values():
        if unit.machine and not unit.principal:
            units.setdefault(unit.machine, []).append(unit.name)
    return tuple(
        MachineRow(
            name,
            machine.hostname,
            _state(status, name),
            machine.addresses,
            tuple(units.get(name, ())),
            bool(machine.parent),
        )
        for name, machine in status.machines.items()
    )


def _state(status: ModelStatus, name: str) -> str:
    machine = status.machines[name]
    if is_started(machine, status.machines):
        return "started"
    missing = judge_machine(machine, status)
    return f"{missing.state}: {missing.message}" if missing and missing.message else "not started"
