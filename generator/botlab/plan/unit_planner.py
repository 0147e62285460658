"""The placement of units, the second half of Juju's planning (bundlechanges ``handleUnits``)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..bundle.go_text import quote
from ..bundle.model import Application, Bundle
from ..bundle.placement import Placement, parse_placement
from ..juju import Juju
from ..passes import in_passes
from .change_set import Change, ChangeSet, natural
from .errors import PlanError
from .model import Model


@dataclass(slots=True)
class NewMachine:
    """A machine that the plan adds: the change, and the id that the machine will get."""

    change: Change
    id: str


@dataclass(slots=True)
class Spot:
    """The place of a unit.

    Attributes:
        target: The argument of the unit's change; empty for a new machine.
        machine: The id of the machine.
        location: The place in Juju's words; empty for a new machine.
        directive: The placement directive that Juju's words mention.
        requires: The ids of the changes that come before the unit.
    """

    target: str = ""
    machine: str = ""
    location: str = ""
    directive: str = ""
    requires: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        location = self.location or f"new machine {self.machine}"
        return f"{location} to satisfy [{self.directive}]" if self.directive else location


class PlannedParts(NamedTuple):
    """The results of the first half of the planning.

    Attributes:
        deployments: The changes that deploy applications, by application name.
        machines: The machines that the plan adds, by their ids in the bundle.
        platforms: The platforms of the applications, by application name.
    """

    deployments: Mapping[str, Change]
    machines: Mapping[str, NewMachine]
    platforms: Mapping[str, str]


class UnitPlanner:
    """Adds the units of all applications, and the machines and containers that they need."""

    def __init__(
        self, bundle: Bundle, juju: Juju, model: Model, changes: ChangeSet, parts: PlannedParts
    ) -> None:
        self._bundle = bundle
        self._juju = juju
        self._model = model
        self._changes = changes
        self._parts = parts
        self._names = sorted(bundle.applications, key=natural)
        self._units: dict[tuple[str, int], Change] = {}
        self._units_by_application: dict[str, list[Change]] = {}
        self._unit_names: dict[str, str] = {}
        self._spots: dict[str, Spot] = {}
        # For each application and the application that it is placed with, the units (or the
        # machines with existing units) that have not been used for a placement.
        self._free_units: dict[tuple[str, str], list[Change]] = {}
        self._free_machines: dict[tuple[str, str], deque[str]] = {}

    def run(self) -> None:
        """Add all units and place them.

        Raises:
            PlanError: When placements of applications depend on each other.
        """
        for name in self._names:
            self._add_units(name)
        self._place_all()

    def _application(self, name: str) -> Application:
        return self._bundle.applications[name] or Application()

    def _existing_units(self, name: str) -> int:
        application = self._model.applications.get(name)
        return len(application.units) if application else 0

    def _add_units(self, name: str) -> None:
        deployment = self._parts.deployments.get(name)
        for number in range(self._existing_units(name), self._application(name).num_units):
            args: list[Any] = [deployment.placeholder if deployment else name, None]
            requires = [deployment.id] if deployment else []
            change = self._changes.add("addUnit", args, [], requires)
            self._unit_names[change.id] = self._model.next_unit(name)
            self._units[name, number] = change
            self._units_by_application.setdefault(name, []).append(change)

    def _place_all(self) -> None:
        """Place the units of each application after those that its placements name."""
        placed = in_passes({name: self._placed_with(name) for name in sorted(self._names)})
        for name in placed:
            self._place(name)
        postponed = sorted(set(self._names) - set(placed))
        if postponed:
            raise PlanError(f"cycle in placement directives for: {', '.join(postponed)}")

    def _placed_with(self, name: str) -> set[str]:
        placements = (parse_placement(text) for text in self._application(name).to)
        return {
            placement.application
            for placement in placements
            if placement and placement.application
        }

    def _place(self, name: str) -> None:
        application = self._application(name)
        directives = self._model.unsatisfied(name, application.to)
        further = _repeated_directive(application.to)
        previous = ""
        for index, number in enumerate(range(self._existing_units(name), application.num_units)):
            directive = directives[index] if index < len(directives) else further
            spot = self._spot(name, application, directive)
            change = self._units[name, number]
            change.args[1] = spot.target or None
            change.description = [f"add unit {self._unit_names[change.id]} to {spot}"]
            change.requires += spot.requires
            if previous:
                change.requires.append(previous)
            previous = change.id
            self._spots[change.id] = spot

    def _spot(self, name: str, application: Application, directive: str) -> Spot:
        placement = parse_placement(directive)
        if placement is None:
            return Spot(machine=self._model.next_machine())
        if placement.machine == "new":
            return self._on_new_machine(name, application, placement.container)
        if placement.machine:
            return self._on_machine(name, application, placement)
        if placement.unit >= 0:
            return self._with_unit(name, application, placement, directive)
        return self._with_next_unit(name, application, placement, directive)

    def _on_new_machine(self, name: str, application: Application, container: str) -> Spot:
        machine = self._model.next_machine()
        inner = self._model.next_container(machine, container) if container else ""
        location = inner or f"new machine {machine}"
        change = self._add_machine(name, application, Spot(machine=machine), container, inner)
        return Spot(change.placeholder, machine, location, requires=[change.id])

    def _on_machine(self, name: str, application: Application, placement: Placement) -> Spot:
        existing = self._model.machine_of(placement.machine)
        if existing is not None:
            return self._on_existing_machine(existing.id, placement.container)
        new = self._parts.machines[placement.machine]
        location = f"new machine {new.id}"
        spot = Spot(new.change.placeholder, new.id, location, requires=[new.change.id])
        return self._in_container(spot, name, application, placement.container)

    def _on_existing_machine(self, machine: str, container: str) -> Spot:
        if not container:
            return Spot(machine, machine, f"existing machine {machine}")
        inner = self._model.next_container(machine, container)
        return Spot(f"{container}:{machine}", machine, inner)

    def _with_unit(
        self, name: str, application: Application, placement: Placement, directive: str
    ) -> Spot:
        """Return the place of a certain unit of another application."""
        machine = self._model.unit_machine(placement.application, placement.unit)
        if machine:
            spot = self._on_existing_machine(machine, placement.container)
        else:
            change = self._units.get((placement.application, placement.unit))
            if change is None:
                return self._on_new_machine(name, application, placement.container)
            spot = self._with_new_unit(change, name, application, placement.container)
        spot.directive = directive
        return spot

    def _with_next_unit(
        self, name: str, application: Application, placement: Placement, directive: str
    ) -> Spot:
        """Return the place of the next unit of another application."""
        machine = self._next_free_machine(name, placement)
        if machine:
            spot = self._on_existing_machine(machine, placement.container)
        else:
            change = self._next_free_unit(name, placement)
            if change is None:
                return Spot(machine=self._model.next_machine())
            spot = self._with_new_unit(change, name, application, placement.container)
        spot.directive = directive
        return spot

    def _next_free_machine(self, name: str, placement: Placement) -> str:
        key = (name, placement.application)
        if key not in self._free_machines:
            machines = self._model.machines_without(
                placement.application, name, placement.container
            )
            self._free_machines[key] = deque(machines)
        free = self._free_machines[key]
        return free.popleft() if free else ""

    def _next_free_unit(self, name: str, placement: Placement) -> Change | None:
        key = (name, placement.application)
        if key not in self._free_units:
            units = self._units_by_application.get(placement.application, [])
            self._free_units[key] = list(reversed(units))
        return self._free_units[key].pop() if self._free_units[key] else None

    def _with_new_unit(
        self, unit: Change, name: str, application: Application, container: str
    ) -> Spot:
        target = self._spots.get(unit.id, Spot())
        spot = Spot(unit.placeholder, target.machine, target.location, requires=[unit.id])
        return self._in_container(spot, name, application, container)

    def _in_container(
        self, spot: Spot, name: str, application: Application, container: str
    ) -> Spot:
        if not container:
            return spot
        inner = self._model.next_container(spot.machine, container)
        change = self._add_machine(name, application, spot, container, inner)
        return Spot(change.placeholder, spot.machine, inner, requires=[change.id])

    def _add_machine(
        self, name: str, application: Application, host: Spot, container: str, inner: str
    ) -> Change:
        """Add a machine, or a container on it.

        Args:
            name: The application that needs it.
            application: That application.
            host: The machine; without a target it is a new one.
            container: The kind of container; empty for the machine itself.
            inner: The id of the container.
        """
        kind = "existing machine" if host.machine in self._model.machines else "new machine"
        text = f"{kind} {host.machine}"
        if container:
            text = f"{container} container {inner} on {text}"
        constraints = with_spaces(application.constraints, application.bindings, self._juju)
        platform = self._parts.platforms.get(name, "")
        args = machine_args(platform, constraints, container, host.target)
        return self._changes.add("addMachines", [args], [f"add {text}"], host.requires)


def machine_args(platform: str, constraints: str, container: str, parent: str) -> dict[str, str]:
    """Return the argument of an addMachines change, without its empty parts."""
    parts = {
        "series": platform,
        "constraints": constraints,
        "containerType": container,
        "parentId": parent,
    }
    return {key: text for key, text in parts.items() if text}


def _repeated_directive(placements: list[str]) -> str:
    """Return the directive of units beyond the list: the last one, if it can be repeated."""
    placement = parse_placement(placements[-1]) if placements else None
    if placement is None:
        return ""
    is_new = placement.machine == "new"
    is_any_unit = bool(placement.application) and placement.unit < 0
    return placements[-1] if is_new or is_any_unit else ""


def with_spaces(constraints: str, bindings: Mapping[str, str], juju: Juju) -> str:
    """Return the constraints of a machine for an application: its own, with its bindings' spaces.

    Source: ``fixupConstraintsWithBindings``.

    Raises:
        PlanError: When the constraints exclude one of the spaces, or have two spaces in a row.
    """
    if not bindings:
        return constraints
    texts = _split_at_spaces(constraints, juju)
    required, excluded = set(bindings.values()), set[str]()
    for space in texts.pop("spaces", "").split(","):
        if space.startswith("^"):
            excluded.add(space[1:])
        elif space:
            required.add(space)
    for space in sorted(required & excluded):
        noun = "Space" if juju < Juju.V2_9 else "space"
        raise PlanError(f"{noun} {quote(space)} is required but it's forbidden by constraint")
    spaces = sorted([*required, *(f"^{space}" for space in excluded)], key=natural)
    further = "".join(f" {key}={texts[key]}" for key in sorted(texts, key=natural))
    return f"spaces={','.join(spaces)}{further}"


def _split_at_spaces(constraints: str, juju: Juju) -> dict[str, str]:
    """Return constraints by name. Unlike the rest of Juju, this function knows single spaces only.

    Raises:
        PlanError: For other white space, with Juju's message.
    """
    words = constraints.split(" ") if constraints else []
    pairs = [word.partition("=") for word in words]
    for word, (_, equals, _) in zip(words, pairs, strict=True):
        if not equals:
            detail = f"{quote(word)} {quote(constraints)} {len(words)}"
            adjective = "Invalid" if juju < Juju.V2_9 else "invalid"
            raise PlanError(f"{adjective} constraint: {detail}")
    return {name: text for name, _, text in pairs}
