"""An existing model, with which Juju compares a bundle."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..bundle.charm_url import is_local_path
from ..bundle.model import Application, Bundle, Exposure
from ..bundle.placement import parse_placement
from ..decimals import bounded_int, is_decimal
from ..juju import Juju
from .change_set import natural
from .constraint_values import ConstraintValues, constraint_values
from .machine_map import MachineMap


@dataclass(slots=True)
class ModelUnit:
    """A unit, with the machine or container that it is on."""

    name: str
    machine: str


@dataclass(slots=True)
class ModelApplication:
    """An application of a model.

    ``options``, ``annotations``, ``constraints`` and ``exposed_endpoints`` are None if no document
    about the model contains them. Nothing is then planned about them. ``charm`` is a charm's URL
    or name, or the path of a local charm.
    """

    charm: str = ""
    channel: str = ""
    revision: int = -1
    platform: str = ""
    scale: int = 0
    exposed: bool = False
    exposed_endpoints: dict[str, Exposure] | None = field(default_factory=dict[str, Exposure])
    options: dict[str, object] | None = field(default_factory=dict[str, object])
    annotations: dict[str, str] | None = field(default_factory=dict[str, str])
    constraints: ConstraintValues | None = field(default_factory=dict[str, object])
    offers: list[str] = field(default_factory=list[str])
    units: list[ModelUnit] = field(default_factory=list[ModelUnit])

    @property
    def has_local_charm(self) -> bool:
        """Whether the charm came from a file rather than from a store."""
        return is_local_path(self.charm) or self.charm.startswith("local:")

    def changed_options(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return those options that the application has not or has with other values."""
        return {} if self.options is None else _changed(self.options, options)

    def changed_annotations(self, annotations: Mapping[str, str]) -> dict[str, object]:
        """Return those annotations that the application has not or has with other values."""
        return {} if self.annotations is None else _changed(self.annotations, annotations)

    def has_constraints(self, constraints: str) -> bool:
        """Return whether the application has these constraints, or its own are not known."""
        if self.constraints is None:
            return True
        return dict(self.constraints) == constraint_values(constraints)

    def has_exposure(self, endpoints: Mapping[str, Exposure]) -> bool:
        """Return whether the application is exposed in this way (``equalExposeParams``).

        An application that ``expose: true`` exposed has the endpoint "" in the model, so that Juju
        exposes it again.
        """
        if not self.exposed:
            return False
        if self.exposed_endpoints is None:
            return bool(endpoints)
        return _exposure_sets(self.exposed_endpoints) == _exposure_sets(endpoints)


def _exposure_sets(endpoints: Mapping[str, Exposure]) -> dict[str, tuple[list[str], list[str]]]:
    return {
        name: (sorted(exposure.spaces), sorted(exposure.cidrs))
        for name, exposure in endpoints.items()
    }


def _changed(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    return {key: new[key] for key in new if key not in old or not _is_same(old[key], new[key])}


def _is_same(old: object, new: object) -> bool:
    """Return whether two values are equal in Go, where a boolean, 1 and 1.0 differ.

    Source: ``changedOptions``, which compares a float in the model with an integer by its value.
    """
    if isinstance(old, float) and isinstance(new, int) and not isinstance(new, bool):
        return math.isfinite(old) and int(old) == new
    return type(old) is type(new) and old == new


@dataclass(slots=True)
class ModelMachine:
    """A machine of a model. Annotations that the source does not contain are None."""

    id: str
    annotations: dict[str, str] | None = field(default_factory=dict[str, str])

    def changed_annotations(self, annotations: Mapping[str, str]) -> dict[str, object]:
        """Return those annotations that the machine has not or has with other values."""
        return {} if self.annotations is None else _changed(self.annotations, annotations)


class Model:
    """The applications, machines and relations of a model, and Juju's counters for new ones.

    ``constraints`` are those of the model itself, and ``notes`` name what its source leaves open.
    ``machine_map`` maps the machines of a bundle to those of the model. It begins with the entries
    of ``--map-machines``. Other machines are inferred from the units on them, as
    ``InferMachineMap`` of juju/bundlechanges does.
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
        self.constraints: ConstraintValues = {}
        self.machine_map: dict[str, str] = {}
        for application in self.applications.values():
            application.units.sort(key=lambda unit: natural(unit.name))
        self._machines_of_units: dict[tuple[str, str], str] = {}
        self._units_on: dict[tuple[str, str, str], ModelUnit] = {}
        self._index_units()
        self._counters: dict[str, int] = {}
        self._start_counters()

    def _index_units(self) -> None:
        """Index the units by name and by machine. The first unit of several counts."""
        for name, application in self.applications.items():
            for unit in application.units:
                machine, container = _split_container(unit.machine)
                self._machines_of_units.setdefault((name, unit.name), unit.machine)
                self._units_on.setdefault((name, machine, container), unit)

    def _start_counters(self) -> None:
        for name, application in self.applications.items():
            for unit in application.units:
                number = unit.name.rpartition("/")[2]
                self._raise_counter(f"application-{name}", number)
        for machine in self.machines:
            parts = machine.split("/")
            key = "machine" if len(parts) == 1 else f"machine-{'/'.join(parts[:-1])}"
            self._raise_counter(key, parts[-1])

    def _raise_counter(self, key: str, used: str) -> None:
        """Make a counter exceed a number that is in use. Other texts do not count."""
        if is_decimal(used):
            self._counters[key] = max(self._counters.get(key, 0), bounded_int(used) + 1)

    def _next(self, key: str) -> int:
        number = self._counters.get(key, 0)
        self._counters[key] = number + 1
        return number

    def map_machines(self, machine_map: MachineMap) -> None:
        """Map machines of the bundle to machines of the model as ``--map-machines`` says."""
        if machine_map.uses_existing:
            self.machine_map |= {name: name for name in self.machines if "/" not in name}
        self.machine_map |= machine_map.entries

    def lacks_first_units(self, name: str, application: Application, juju: Juju) -> bool:
        """Return whether ``juju deploy`` would fail because an application has no unit.

        Args:
            name: The name of the application.
            application: The application in the bundle.
            juju: The release of Juju.
        """
        deployed = self.applications.get(name)
        return (
            juju >= Juju.V4_0
            and deployed is not None
            and not deployed.units
            and is_local_path(application.charm)
            and application.num_units > 0
        )

    def add_machine(self, bundle_id: str) -> None:
        """Add a machine for a machine of the bundle."""
        machine = self.next_machine()
        self.machines[machine] = ModelMachine(machine)
        self.machine_map[bundle_id] = machine

    def targets(self, application: Application) -> list[str]:
        """Return the arguments of ``--to`` for the units of an application on known machines."""
        units = application.num_units
        placements = [*map(parse_placement, application.to[:units])]
        new = [""] * (0 if application.to else units)
        hosts = [(p.container, self.machine_map.get(p.machine, "")) for p in placements if p]
        return new + [f"{kind}:{host}" if kind else host for kind, host in hosts if host]

    def add_unit(self, application: str, target: str) -> None:
        """Add a unit.

        Args:
            application: The application.
            target: The argument of ``--to``; empty for a new machine.
        """
        kind, _, host = target.rpartition(":")
        machine = host or self.next_machine()
        machine = self.next_container(machine, kind) if kind else machine
        unit = ModelUnit(self.next_unit(application), machine)
        self.applications[application].units.append(unit)
        self._index_units()

    def next_machine(self) -> str:
        """Return the id that the next machine will get."""
        return str(self._next("machine"))

    def next_container(self, parent: str, kind: str) -> str:
        """Return the id that the next container of a kind on a machine will get."""
        return f"{parent}/{kind}/{self._next(f'machine-{parent}/{kind}')}"

    def next_unit(self, application: str) -> str:
        """Return the name that an application's next unit will get."""
        return f"{application}/{self._next(f'application-{application}')}"

    def _units(self, application: str) -> list[ModelUnit]:
        return self.applications[application].units if application in self.applications else []

    def machine_of(self, bundle_id: str) -> ModelMachine | None:
        """Return the machine that a machine of the bundle stands for, if any."""
        machine = self.machine_map.get(bundle_id)
        return self.machines.get(machine) if machine else None

    def unit_machine(self, application: str, number: int) -> str:
        """Return the machine of a unit; empty when there is no such unit."""
        return self._machines_of_units.get((application, f"{application}/{number}"), "")

    def unit_on(self, bundle_id: str, application: str, container: str) -> ModelUnit | None:
        """Return the unit of an application on a machine, or in a container on it."""
        machine = self.machine_map.get(bundle_id, bundle_id)
        return self._units_on.get((application, machine, container))

    def machines_without(self, source: str, target: str, container: str) -> list[str]:
        """Return the machines that have units of one application but not of another.

        Args:
            source: The application whose machines are returned.
            target: The application whose machines are left out.
            container: The kind of container of the target's units; empty for none.
        """
        machines = {unit.machine.split("/")[0] for unit in self._units(source)}
        for unit in self._units(target):
            if not container:
                machines.discard(unit.machine)
            elif _split_container(unit.machine)[1] == container:
                machines.discard(unit.machine.split("/")[0])
        return sorted(machines, key=natural)

    def unsatisfied(self, application: str, placements: list[str]) -> list[str]:
        """Return the placements of an application that no unit of it fulfils yet."""
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
        """Find the machine of the model that each machine of a bundle stands for."""
        if not self.applications:
            return
        used = set(self.machine_map.values())
        units = {
            name: [unit for unit in app.units if unit.machine.split("/")[0] not in used]
            for name, app in self.applications.items()
        }
        unmatched: dict[str, list[str]] = {}
        matched: set[tuple[str, str]] = set()
        for name, application in bundle.applications.items():
            placements: list[str] = []
            for text in application.to if application else ():
                unit, machine = self._unit_with_same_id(name, text)
                if unit is None:
                    placements.append(text)
                    continue
                self.machine_map[machine] = machine
                used.add(machine)
                matched.add((name, unit.name))
            unmatched[name] = sorted(placements)
        candidates = {
            name: deque(unit for unit in own if (name, unit.name) not in matched)
            for name, own in units.items()
        }
        self._infer_unmatched(bundle, candidates, unmatched, used)

    def _unit_with_same_id(self, name: str, text: str) -> tuple[ModelUnit | None, str]:
        """Return a unit that is on the machine which a placement names, with that machine."""
        placement = parse_placement(text)
        if placement is None or not placement.machine or placement.machine in self.machine_map:
            return None, ""
        unit = self.unit_on(placement.machine, name, placement.container)
        return unit, placement.machine

    def _infer_unmatched(
        self,
        bundle: Bundle,
        units: Mapping[str, deque[ModelUnit]],
        unmatched: dict[str, list[str]],
        used: set[str],
    ) -> None:
        """Map the other machines to machines that have a unit of an application placed on them."""
        applications: dict[str, list[str]] = {}
        for name in sorted(unmatched):
            for text in unmatched[name]:
                placement = parse_placement(text)
                if placement and placement.machine:
                    applications.setdefault(placement.machine, []).append(name)
        for machine_id in sorted(bundle.machines, key=natural):
            if machine_id in self.machine_map:
                continue
            for name in applications.get(machine_id, ()):
                candidates = units.get(name)
                if not candidates:
                    continue
                machine = candidates[0].machine.split("/")[0]
                if machine not in used:
                    self.machine_map[machine_id] = machine
                    candidates.popleft()
                    break


def _split_container(machine: str) -> tuple[str, str]:
    """Return the parent and the kind of a container such as ``0/lxd/1``.

    A machine itself has no kind.
    """
    parts = machine.split("/")
    return ("/".join(parts[:-2]), parts[-2]) if len(parts) > 2 else (machine, "")
