"""The rows of the machines in an overview."""

from __future__ import annotations

from ..status.model import MachineStatus, ModelStatus
from ..wait.machines import judge_machine, started_machines
from .model import MachineRow


def machine_rows(status: ModelStatus) -> tuple[MachineRow, ...]:
    """Return all machines and containers of a model, each with its principal units."""
    started = started_machines(status)
    units: dict[str, list[str]] = {}
    for unit in status.units.values():
        if unit.machine and not unit.principal:
            units.setdefault(unit.machine, []).append(unit.name)
    return tuple(
        MachineRow(
            name,
            machine.hostname,
            _state(machine, status, started),
            machine.addresses,
            tuple(units.get(name, ())),
            bool(machine.parent),
        )
        for name, machine in status.machines.items()
    )


def _state(machine: MachineStatus, status: ModelStatus, started: frozenset[str]) -> str:
    missing = judge_machine(machine, status, started)
    if missing is None:
        return "started"
    return f"{missing.state}: {missing.message}" if missing.message else missing.state
