"""The machines that Juju gives to the units of a bundle in an empty model.

Source: ``handleUnits`` of the planner (bundlechanges, core/bundle/changes). Declared machines get
the first numbers. Further machines get their numbers in the order in which units are placed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ...bundle.model import Application, Machine
from ...bundle.placement import Placement, parse_placement
from .deployment import Deployment

# More units of an application do not show more faults.
_MOST_UNITS = 1000


@dataclass(frozen=True, slots=True)
class UnitMachine:
    """The machine of a unit.

    Attributes:
        number: The machine's number in the model.
        platform: The series or base of the machine; empty when it is not known.
        constraints: The constraints of the machine.
        in_container: Whether the unit is in a container on the machine.
    """

    number: str
    platform: str
    constraints: str
    in_container: bool = False


class PlacedUnit(NamedTuple):
    """A unit with the machine it is placed on.

    Attributes:
        application: Its application.
        number: Its number.
        directive: The position of its placement in ``to``; None when the unit has none.
        machine: Its machine.
    """

    application: str
    number: int
    directive: int | None
    machine: UnitMachine


def placed_units(deployment: Deployment) -> list[PlacedUnit]:
    """Return the units of a bundle with their machines.

    Units whose placements depend on each other are left out.
    """
    return _Placer(deployment).units


class _Placer:
    """Places the units of each application after those that its placements name."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        bodies = deployment.bundle.machines
        # Machine ids are whole numbers, so a shorter id is a smaller number.
        declared = sorted(bodies, key=lambda text: (len(text), text))
        machines = [bodies[name] or Machine() for name in declared]
        self._declared = {
            name: UnitMachine(str(number), deployment.platform(machine), machine.constraints)
            for number, (name, machine) in enumerate(zip(declared, machines, strict=True))
        }
        self._next_number = len(declared)
        self._machines: dict[str, list[UnitMachine]] = {}
        self.units: list[PlacedUnit] = []
        self._place_all()

    def _place_all(self) -> None:
        waiting = sorted(self._deployment.applications)
        while waiting:
            postponed = [name for name in waiting if not self._place(name)]
            if len(postponed) == len(waiting):
                return
            waiting = postponed

    def _place(self, name: str) -> bool:
        """Place the units of an application, unless other units must be placed first."""
        application = self._deployment.applications[name]
        placements = [parse_placement(text) for text in application.to]
        targets = {placement.application for placement in placements if placement} - {""}
        if not targets <= self._machines.keys():
            return False
        free = {target: iter(self._machines[target]) for target in targets}
        self._machines[name] = []
        for number in range(min(application.num_units, _MOST_UNITS)):
            index = _directive(application, number)
            placement = None if index is None else placements[index]
            machine = self._machine(name, placement, free)
            self._machines[name].append(machine)
            self.units.append(PlacedUnit(name, number, index, machine))
        return True

    def _machine(
        self, name: str, placement: Placement | None, free: dict[str, Iterator[UnitMachine]]
    ) -> UnitMachine:
        if placement is None:
            return self._new_machine(name, in_container=False)
        in_container = bool(placement.container)
        host = self._host(placement, free)
        if host is None:
            return self._new_machine(name, in_container=in_container)
        return dataclasses.replace(host, in_container=in_container or host.in_container)

    def _host(
        self, placement: Placement, free: dict[str, Iterator[UnitMachine]]
    ) -> UnitMachine | None:
        """Return the machine that a placement names; None for a new machine."""
        if placement.machine:
            return self._declared.get(placement.machine)
        if placement.unit < 0:
            return next(free[placement.application], None)
        units = self._machines[placement.application]
        return units[placement.unit] if placement.unit < len(units) else None

    def _new_machine(self, name: str, *, in_container: bool) -> UnitMachine:
        number = str(self._next_number)
        self._next_number += 1
        platform = self._deployment.application_platform(name)
        constraints = self._deployment.applications[name].constraints
        return UnitMachine(number, platform, constraints, in_container)


def _directive(application: Application, number: int) -> int | None:
    """Return the position of a unit's placement; None when the unit has none.

    The last placement also counts for further units if it is a new machine or an application.
    """
    last = len(application.to) - 1
    if number <= last:
        return number
    placement = parse_placement(application.to[last]) if last >= 0 else None
    if placement is None:
        return None
    can_repeat = placement.machine == "new" or (placement.application and placement.unit < 0)
    return last if can_repeat else None
