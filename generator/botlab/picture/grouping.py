"""Machines that are alike, as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from .model import Machine, Unit
from .short_names import short_names

# Up to this number, machines stay single: their cards fit on a screen.
MOST_SINGLE_MACHINES = 16
# Fewer machines than this that are alike stay single.
_FEWEST_ALIKE = 3
_T = TypeVar("_T")


def grouped_machines(machines: Sequence[Machine]) -> tuple[Machine, ...]:
    """Return machines, with those that are alike as one, where the first of them was.

    Machines are alike if they are in the same rack, and have the same hardware, and units of the
    same applications in the same states. A machine with containers stays single.

    Args:
        machines: The machines.
    """
    result: list[Machine] = []
    for group in _groups(machines, _likeness):
        result += [_merged(group)] if len(group) >= _FEWEST_ALIKE else group
    order = {machine.key: number for number, machine in enumerate(machines)}
    return tuple(sorted(result, key=lambda machine: order[machine.key]))


def _likeness(machine: Machine) -> Hashable:
    own = machine.key if machine.containers else ""
    units = tuple(map(_unit_likeness, machine.units))
    return own, machine.rack, machine.hardware, machine.gpus, machine.state, units


def _unit_likeness(unit: Unit) -> Hashable:
    return unit.application, unit.state, tuple(map(_unit_likeness, unit.subordinates))


def _groups(items: Iterable[_T], key: Callable[[_T], Hashable]) -> list[list[_T]]:
    groups: dict[Hashable, list[_T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def _merged(machines: Sequence[Machine]) -> Machine:
    """Return one machine for machines that are alike."""
    first = machines[0]
    names = [machine.name for machine in machines]
    addresses = [machine.addresses[0] for machine in machines if machine.addresses]
    return dataclasses.replace(
        first,
        name=short_names(names),
        addresses=(short_names(addresses),) if addresses else (),
        units=tuple(
            map(_merged_units, zip(*(machine.units for machine in machines), strict=True))
        ),
        members=tuple(names),
        aliases=tuple(dict.fromkeys(name for machine in machines for name in machine.names)),
    )


def _merged_units(units: tuple[Unit, ...]) -> Unit:
    subordinates = zip(*(unit.subordinates for unit in units), strict=True)
    names = [unit.name for unit in units]
    return dataclasses.replace(
        units[0],
        name=short_names(names),
        subordinates=tuple(map(_merged_units, subordinates)),
        members=tuple(names),
    )
