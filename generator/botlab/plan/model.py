"""A model that exists: what Juju compares a bundle with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..bundle.model import Bundle, Exposure
from ..bundle.placement import parse_placement
from .change import natural


@dataclass(slots=True)
class ModelUnit:
    """A unit and the machine (or container) that it stands on."""

    name: str
    machine: str


@dataclass(slots=True)
class ModelApplication:
    """An application of a model.

    ``options``, ``annotations`` and ``constraints`` are None where the source does not tell them
    (a status file does not); nothing is then planned about them.
    """

    charm: str = ""
    channel: str = ""
    revision: int = -1
    platform: str = ""
    scale: int = 0
    exposed: bool = False
    exposed_endpoints: dict[str, Exposure] = field(default_factory=dict[str, Exposure])
    options: dict[str, Any] | None = field(default_factory=dict[str, Any])
    annotations: dict[str, str] | None = field(default_factory=dict[str, str])
    constraints: str | None = ""
    units: list[ModelUnit] = field(default_factory=list[ModelUnit])

    def changed_options(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Return the options that differ."""
        return {} if self.options is None else _changed(self.options, wanted)

    def changed_annotations(self, wanted: dict[str, str]) -> dict[str, str]:
        """Return the annotations that differ."""
        return {} if self.annotations is None else _changed(self.annotations, wanted)


def _changed(have: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wanted.items() if key not in have or have[key] != value}


@dataclass(slots=True)
class ModelMachine:
    """A machine of a model."""

    id: str
    annotations: dict[str, str] | None = field(default_factory=dict[str, str])


class Model:
    """Applications, machines and relations that exist, and Juju's counters for new ones.

    ``machine_map`` maps a bundle's machine to the model's; what it leaves open is inferred from
    where units stand, as juju/bundlechanges ``InferMachineMap`` does.
    """

    def __init__(
        self,
        applications: dict[str, ModelApplication] | None = None,
        machines: dict[str, ModelMachine] | None = None,
        relations: Iterable[tuple[str, str]] = (),
        notes: Iterable[str] = (),
    ) -> None:
        self.applications = applications or {}
        self.machines = machines or {}
        self.relations = {frozenset(relation) for relation in relations}
        self.notes = tuple(notes)
        self.machine_map: dict[str, str] = {}
        self._sequence: dict[str, int] = {}
        self._start_sequence()

    def _start_sequence(self) -> None:
        for name, application in self.applications.items():
            for unit in application.units:
                number = unit.name.rpartition("/")[2]
                if number.isdigit():
                    self._raise_to(f"application-{name}", int(number) + 1)
        for machine in self.machines:
            parts = machine.split("/")
            if parts[-1].isdigit():
                key = "machine" if len(parts) == 1 else f"machine-{'/'.join(parts[:-1])}"
                self._raise_to(key, int(parts[-1]) + 1)

    def _raise_to(self, key: str, value: int) -> None:
        self._sequence[key] = max(self._sequence.get(key, 0), value)

    def _next(self, key: str) -> int:
        value = self._sequence.get(key, 0)
        self._sequence[key] = value + 1
        return value

    def next_machine(self) -> str:
        """Return the id that the next machine will get."""
        return str(self._next("machine"))

    def next_container(self, parent: str, kind: str) -> str:
        """Return the id that the next container of a kind on a machine will get."""
        return f"{parent}/{kind}/{self._next(f'machine-{parent}/{kind}')}"

    def next_unit(self, application: str) -> str:
        """Return the name that an application's next unit will get."""
        return f"{application}/{self._next(f'application-{application}')}"

    def machine_of(self, bundle_id: str) -> ModelMachine | None:
        """Return the machine that a bundle's machine stands for, if any."""
        return self.machines.get(self.machine_map.get(bundle_id, ""))

    def unit_machine(self, application: str, number: int) -> str:
        """Return where a unit stands; empty when there is no such unit."""
        found = self.applications.get(application)
        for unit in found.units if found else ():
            if unit.name == f"{application}/{number}":
                return unit.machine
        return ""

    def unit_on(self, bundle_id: str, application: str, container: str) -> ModelUnit | None:
        """Return the unit of an application on a machine, or in a container on it."""
        machine = self.machine_map.get(bundle_id, bundle_id)
        found = self.applications.get(application)
        for unit in found.units if found else ():
            parent, kind = _container(unit.machine)
            if kind == container and parent == machine:
                return unit
        return None

    def machines_without(self, source: str, target: str, container: str) -> list[str]:
        """List machines that carry ``source`` but not ``target`` (in such a container)."""
        found = self.applications.get(source)
        if found is None:
            return []
        machines = {unit.machine.split("/")[0] for unit in found.units}
        other = self.applications.get(target)
        for unit in other.units if other else ():
            if not container:
                machines.discard(unit.machine)
            elif _container(unit.machine)[1] == container:
                machines.discard(unit.machine.split("/")[0])
        return sorted(machines, key=natural)

    def unsatisfied(self, application: str, placements: list[str]) -> list[str]:
        """List the placements of an application that no unit of it fulfils yet."""
        if application not in self.applications:
            return list(placements)
        return [text for text in placements if self._is_unsatisfied(application, text)]

    def _is_unsatisfied(self, application: str, text: str) -> bool:
        placement = parse_placement(text)
        if placement is None:
            return False
        machine = placement.machine
        if placement.application:
            if placement.unit < 0:
                return True
            machine = self.unit_machine(placement.application, placement.unit)
        if machine in ("", "new"):
            return True
        return self.unit_on(machine, application, placement.container) is None

    def infer_machines(self, bundle: Bundle) -> None:
        """Guess which machine of the model each machine of the bundle is."""
        if not self.applications:
            return
        free = {name: list(app.units) for name, app in self.applications.items()}
        open_places: dict[str, list[str]] = {}
        taken = set(self.machine_map.values())
        for name, application in bundle.applications.items():
            left: list[str] = []
            for text in application.to if application else ():
                unit = self._same_id(name, text)
                if unit is None:
                    left.append(text)
                    continue
                machine = (parse_placement(text) or _NOWHERE).machine
                self.machine_map[machine] = machine
                taken.add(machine)
                free[name].remove(unit)
            open_places[name] = sorted(left)
        self._infer_rest(bundle, free, open_places, taken)

    def _same_id(self, name: str, text: str) -> ModelUnit | None:
        placement = parse_placement(text)
        if placement is None or not placement.machine or placement.machine in self.machine_map:
            return None
        return self.unit_on(placement.machine, name, placement.container)

    def _infer_rest(
        self,
        bundle: Bundle,
        free: dict[str, list[ModelUnit]],
        open_places: dict[str, list[str]],
        taken: set[str],
    ) -> None:
        wanting: dict[str, list[str]] = {}
        for name in sorted(open_places):
            for text in open_places[name]:
                placement = parse_placement(text)
                if placement and placement.machine:
                    wanting.setdefault(placement.machine, []).append(name)
        for machine_id in sorted(bundle.machines, key=natural):
            if machine_id in self.machine_map:
                continue
            for name in wanting.get(machine_id, ()):
                units = free.get(name)
                machine = units[0].machine.split("/")[0] if units else ""
                if units and machine not in taken:
                    self.machine_map[machine_id] = machine
                    units.pop(0)
                    break


def _container(machine: str) -> tuple[str, str]:
    """Split ``0/lxd/1`` into its parent and its kind; a machine itself has no kind."""
    parts = machine.split("/")
    return ("/".join(parts[:-2]), parts[-2]) if len(parts) > 2 else (machine, "")


class _Nowhere:
    machine = ""


_NOWHERE = _Nowhere()
