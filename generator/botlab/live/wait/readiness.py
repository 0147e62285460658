"""What of a lab is ready and what is missing, from one status of the model.

A lab is ready when every unit of the bundle exists and is ready, when its machine is started,
and when each unit of a principal has a unit of each of its subordinates. What the model has
besides the bundle is noted, and does not prevent readiness.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...bundle.placement import Placement
from ..lab import Lab
from ..status.model import MachineStatus, ModelStatus, UnitStatus
from . import remedies
from .application_order import ordered_applications
from .machines import judge_machine, parents, started_machines
from .missing import Activity, Missing
from .units import judge_unit


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the expected parts are ready."""

    ready: int
    expected: int

    @property
    def is_complete(self) -> bool:
        """Whether all are ready."""
        return self.ready >= self.expected

    def __str__(self) -> str:
        return f"{self.ready} of {self.expected}"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is ready and what is missing.

    Attributes:
        machines: The machines, without containers.
        containers: The containers.
        applications: The units of each application, in the order in which they become ready.
        missing: Everything that is not ready: machines first, then in the order of applications.
        notes: What the model has besides the bundle.
    """

    machines: Count
    containers: Count
    applications: dict[str, Count]
    missing: tuple[Missing, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def readiness(lab: Lab, status: ModelStatus) -> Readiness:
    """Compare a lab with the status of its model.

    Args:
        lab: The lab.
        status: The status.
    """
    return _Comparison(lab, status).readiness()


class _Comparison:
    """One comparison of a lab with a status."""

    def __init__(self, lab: Lab, status: ModelStatus) -> None:
        self._lab, self._status = lab, status
        self._started = started_machines(status)
        self._order = ordered_applications(lab)
        self._units = {
            name: self._principal_units(name)
            for name in self._order
            if not lab.is_subordinate(name)
        }
        self._subordinate_units = {
            (unit.application, unit.principal): unit
            for unit in status.units.values()
            if unit.principal
        }

    def readiness(self) -> Readiness:
        """Return the result."""
        applications: dict[str, Count] = {}
        missing: list[Missing] = []
        for name in self._order:
            is_subordinate = self._lab.is_subordinate(name)
            count, parts = (self._subordinate if is_subordinate else self._principal)(name)
            applications[name] = count
            missing += parts
        machines, containers, missing_machines = self._machines()
        return Readiness(
            machines,
            containers,
            applications,
            (*missing_machines, *missing),
            tuple(self._notes()),
        )

    def _principal_units(self, name: str) -> list[UnitStatus]:
        """Return the units of the bundle: those with the lowest numbers, if the model has more."""
        application = self._status.applications.get(name)
        names = application.units if application else ()
        units = [self._status.units[unit] for unit in names if unit in self._status.units]
        return units[: self._lab.applications[name].num_units]

    def _judged(self, units: Sequence[UnitStatus]) -> list[Missing]:
        judged = (judge_unit(unit, self._status, self._started) for unit in units)
        return [part for part in judged if part]

    def _principal(self, name: str) -> tuple[Count, list[Missing]]:
        units, expected = self._units[name], self._lab.applications[name].num_units
        faults = self._judged(units)
        count = Count(len(units) - len(faults), expected)
        absent = expected - len(units)
        if name not in self._status.applications:
            return count, [_absent_application(name)]
        if absent:
            fix = remedies.absent_units(self._status, name, absent)
            faults.append(_absent_units(name, absent, expected, fix))
        return count, faults

    def _subordinate(self, name: str) -> tuple[Count, list[Missing]]:
        hosts = [unit for principal in self._principals(name) for unit in self._units[principal]]
        expected = sum(
            self._lab.applications[principal].num_units for principal in self._principals(name)
        )
        if name not in self._status.applications:
            return Count(0, expected), [_absent_application(name)]
        pairs = [(host, self._subordinate_units.get((name, host.name))) for host in hosts]
        faults = self._judged([unit for _, unit in pairs if unit])
        count = Count(sum(1 for _, unit in pairs if unit) - len(faults), expected)
        bare = [host for host, unit in pairs if unit is None]
        return count, [*faults, *self._absent_subordinates(name, bare)]

    def _principals(self, name: str) -> list[str]:
        """Return the principals of a subordinate; those of the model if no relation names any."""
        principals = self._lab.principals.get(name, ())
        application = self._status.applications.get(name)
        if not principals and application is not None:
            principals = application.principals
        return [principal for principal in principals if principal in self._units]

    def _absent_subordinates(self, name: str, hosts: Sequence[UnitStatus]) -> Iterator[Missing]:
        if not hosts:
            return
        is_late = not self._judged(hosts)
        yield Missing(
            "application",
            name,
            Activity.BLOCKED if is_late else Activity.WAITING,
            "absent",
            f"no unit on {', '.join(host.name for host in hosts)} yet",
            name,
            remedies.MISSING_RELATION if is_late else "",
        )

    def _machines(self) -> tuple[Count, Count, list[Missing]]:
        """Return how many machines and containers of the bundle's units are started.

        The bundle decides where a unit will be only until the model has placed the unit.
        """
        machines = self._status.machines
        names = {
            name
            for units in self._units.values()
            for unit in units
            if unit.machine
            for name in parents(unit.machine)
        }
        used = [machine for name, machine in machines.items() if name in names]
        hosts = [machine for machine in used if not machine.parent]
        containers = [machine for machine in used if machine.parent]
        future = self._future_placements()
        placements = [unit.placement for unit in self._lab.facts.units] if future else []
        numbers = {placement.machine for placement in placements if placement.machine.isdigit()}
        faults = [judge_machine(machine, self._status, self._started) for machine in used]
        return (
            self._count(hosts, max(len(hosts), len(numbers))),
            self._count(containers, len(containers) + sum(bool(at.container) for at in future)),
            [fault for fault in faults if fault],
        )

    def _future_placements(self) -> list[Placement]:
        """Return the placements of the units that the model has not placed yet."""
        placed = {
            (name, number)
            for name, units in self._units.items()
            for number, unit in enumerate(units)
            if unit.machine
        }
        return [
            unit.placement
            for unit in self._lab.facts.units
            if (unit.application, unit.number) not in placed
        ]

    def _count(self, machines: Sequence[MachineStatus], expected: int) -> Count:
        started = [machine for machine in machines if machine.name in self._started]
        return Count(len(started), expected)

    def _notes(self) -> Iterator[str]:
        extra = [name for name in self._status.applications if name not in self._lab.applications]
        if extra:
            yield f"the model also has {', '.join(extra)}, which the bundle does not have"
        for name, units in self._units.items():
            application = self._status.applications.get(name)
            names = application.units[len(units) :] if application else ()
            if names and len(units) == self._lab.applications[name].num_units:
                yield (
                    f"the model also has {', '.join(names)}; the bundle has {len(units)} units of"
                    f" {name}"
                )


def _absent_application(name: str) -> Missing:
    return Missing(
        "application",
        name,
        Activity.BLOCKED,
        "absent",
        "the model does not have this application",
        name,
        remedies.MISSING_APPLICATION,
    )


def _absent_units(name: str, absent: int, expected: int, fix: str) -> Missing:
    return Missing(
        "application",
        name,
        Activity.BLOCKED,
        "absent",
        f"{absent} of {expected} units do not exist",
        name,
        fix,
    )
