"""The machines that Juju gives to the units of a bundle in an empty model.

Source: ``handleUnits`` of the planner (bundlechanges, core/bundle/changes). Declared machines get
the first numbers. Further machines get their numbers in the order in which units are placed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...bundle.model import Machine
from ...bundle.placement import Placement, parse_placement
from ...passes import in_passes
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
        """Place the applications in the order of Juju's passes over them."""
        applications = self._deployment.applications
        placements = {
            name: [parse_placement(text) for text in applications[name].to]
            for name in sorted(applications)
        }
        targets = {name: _targets(parsed) for name, parsed in placements.items()}
        for name in in_passes(targets):
            self._place(name, placements[name], targets[name])

    def _place(self, name: str, placements: Sequence[Placement | None], targets: set[str]) -> None:
        """Place the units of an application after those of the applications it is placed with."""
        free = {target: iter(self._machines[target]) for target in targets}
        self._machines[name] = []
        count = min(self._deployment.applications[name].num_units, _MOST_UNITS)
        for number in range(count):
            index = _directive(placements, number)
            placement = None if index is None else placements[index]
            machine = self._machine(name, placement, free)
            self._machines[name].append(machine)
            self.units.append(PlacedUnit(name, number, index, machine))

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


def _targets(placements: Iterable[Placement | None]) -> set[str]:
    """Return the applications that placements name."""
    return {placement.application for placement in placements if placement} - {""}


def _directive(placements: Sequence[Placement | None], number: int) -> int | None:
    """Return the position of a unit's placement; None when the unit has none.

    The last placement also counts for further units if it is a new machine or an application.
    """
    last = len(placements) - 1
    if number <= last:
        return number
    placement = placements[last] if placements else None
    if placement is None:
        return None
    can_repeat = placement.machine == "new" or (placement.application and placement.unit < 0)
    return last if can_repeat else None
