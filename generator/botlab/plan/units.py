"""Where units go: the second half of Juju's planning (bundlechanges ``handleUnits``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..bundle.constraints import split_constraints
from ..bundle.go_text import quote
from ..bundle.model import Application, Bundle
from ..bundle.placement import Placement, parse_placement
from ..errors import BotlabError
from ..juju import Juju
from .change import Change, ChangeSet, natural
from .model import Model


class PlanError(BotlabError):
    """A bundle that Juju verifies but cannot plan; the text is Juju's own."""


@dataclass(slots=True)
class NewMachine:
    """A machine that the plan adds: its change, and the id it will get."""

    change: Change
    id: str


@dataclass(slots=True)
class Spot:
    """Where one unit was put."""

    target: str = ""
    machine: str = ""
    words: str = ""
    directive: str = ""
    requires: list[str] = field(default_factory=list[str])

    def text(self) -> str:
        """Say it as Juju does."""
        where = self.words or f"new machine {self.machine}"
        return f"{where} to satisfy [{self.directive}]" if self.directive else where


class UnitPlanner:
    """Adds the units of every application and the machines and containers that they need."""

    def __init__(
        self,
        bundle: Bundle,
        juju: Juju,
        model: Model,
        changes: ChangeSet,
        deployed: dict[str, Change],
        machines: dict[str, NewMachine],
        platforms: dict[str, str],
    ) -> None:
        self._bundle = bundle
        self._juju = juju
        self._model = model
        self._changes = changes
        self._deployed = deployed
        self._machines = machines
        self._platforms = platforms
        self._names = sorted(bundle.applications, key=natural)
        self._units: dict[tuple[str, int], Change] = {}
        self._by_application: dict[str, list[Change]] = {}
        self._unit_names: dict[str, str] = {}
        self._spots: dict[str, Spot] = {}
        self._queues: dict[tuple[str, str], list[Change]] = {}
        self._old_queues: dict[tuple[str, str], list[str]] = {}

    def run(self) -> None:
        """Add all units, then place them.

        Raises:
            PlanError: When placements wait for each other.
        """
        for name in self._names:
            self._add_units(name)
        self._place_all()

    def _application(self, name: str) -> Application:
        return self._bundle.applications[name] or Application()

    def _existing_units(self, name: str) -> int:
        found = self._model.applications.get(name)
        return len(found.units) if found else 0

    def _add_units(self, name: str) -> None:
        for number in range(self._existing_units(name), self._application(name).num_units):
            deploy = self._deployed.get(name)
            args: list[Any] = [deploy.placeholder if deploy else name, None]
            change = self._changes.add("addUnit", args, [], [deploy.id] if deploy else [])
            self._unit_names[change.id] = self._model.next_unit(name)
            self._units[name, number] = change
            self._by_application.setdefault(name, []).append(change)

    def _place_all(self) -> None:
        done: set[str] = set()
        waiting = sorted(self._names)
        while waiting:
            left: list[str] = []
            for name in waiting:
                if self._follows(name) <= done:
                    self._place(name)
                    done.add(name)
                else:
                    left.append(name)
            if len(left) == len(waiting):
                raise PlanError(f"cycle in placement directives for: {', '.join(left)}")
            waiting = left

    def _follows(self, name: str) -> set[str]:
        placements = (parse_placement(text) for text in self._application(name).to)
        return {place.application for place in placements if place and place.application}

    def _place(self, name: str) -> None:
        application = self._application(name)
        wanted = self._model.unsatisfied(name, application.to)
        rest = _repeated(application.to)
        before = ""
        for index, number in enumerate(range(self._existing_units(name), application.num_units)):
            directive = wanted[index] if index < len(wanted) else rest
            spot = self._find(name, application, directive)
            change = self._units[name, number]
            change.args[1] = spot.target or None
            change.description = [f"add unit {self._unit_names[change.id]} to {spot.text()}"]
            change.requires += spot.requires
            if before:
                change.requires.append(before)
            before = change.id
            self._spots[change.id] = spot

    def _find(self, name: str, application: Application, directive: str) -> Spot:
        placement = parse_placement(directive) if directive else None
        if placement is None:
            return Spot(machine=self._model.next_machine() if not directive else "")
        if placement.machine == "new":
            return self._new_machine(name, application, placement.container)
        if placement.machine:
            return self._on_machine(name, application, placement)
        if placement.unit >= 0:
            return self._beside_unit(name, application, placement, directive)
        return self._beside_next(name, application, placement, directive)

    def _new_machine(self, name: str, application: Application, container: str) -> Spot:
        machine = self._model.next_machine()
        inner = self._model.next_container(machine, container) if container else ""
        words = inner or f"new machine {machine}"
        change = self._add_machine(name, application, machine, container, inner, "", [])
        return Spot(change.placeholder, machine, words, requires=[change.id])

    def _on_machine(self, name: str, application: Application, placement: Placement) -> Spot:
        existing = self._model.machine_of(placement.machine)
        if existing is not None:
            return self._on_existing(existing.id, placement.container)
        new = self._machines[placement.machine]
        words = f"new machine {new.id}"
        spot = Spot(new.change.placeholder, new.id, words, requires=[new.change.id])
        return self._inside(spot, name, application, placement.container)

    def _on_existing(self, machine: str, container: str) -> Spot:
        if not container:
            return Spot(machine, machine, f"existing machine {machine}")
        words = self._model.next_container(machine, container)
        return Spot(f"{container}:{machine}", machine, words)

    def _beside_unit(
        self, name: str, application: Application, placement: Placement, directive: str
    ) -> Spot:
        machine = self._model.unit_machine(placement.application, placement.unit)
        if machine:
            spot = self._on_existing(machine, placement.container)
        else:
            change = self._units.get((placement.application, placement.unit))
            if change is None:
                return self._new_machine(name, application, placement.container)
            spot = self._beside(change, name, application, placement.container)
        spot.directive = directive
        return spot

    def _beside_next(
        self, name: str, application: Application, placement: Placement, directive: str
    ) -> Spot:
        machine = self._next_old(name, placement)
        if machine:
            spot = self._on_existing(machine, placement.container)
        else:
            change = self._next_new(name, placement)
            if change is None:
                return Spot(machine=self._model.next_machine())
            spot = self._beside(change, name, application, placement.container)
        spot.directive = directive
        return spot

    def _next_old(self, name: str, placement: Placement) -> str:
        key = (name, placement.application)
        if key not in self._old_queues:
            self._old_queues[key] = self._model.machines_without(
                placement.application, name, placement.container
            )
        queue = self._old_queues[key]
        return queue.pop(0) if queue else ""

    def _next_new(self, name: str, placement: Placement) -> Change | None:
        key = (name, placement.application)
        if key not in self._queues:
            self._queues[key] = list(reversed(self._by_application.get(placement.application, [])))
        return self._queues[key].pop() if self._queues[key] else None

    def _beside(self, change: Change, name: str, application: Application, container: str) -> Spot:
        other = self._spots.get(change.id, Spot())
        spot = Spot(change.placeholder, other.machine, other.words, requires=[change.id])
        return self._inside(spot, name, application, container)

    def _inside(self, spot: Spot, name: str, application: Application, container: str) -> Spot:
        if not container:
            return spot
        inner = self._model.next_container(spot.machine, container)
        change = self._add_machine(
            name, application, spot.machine, container, inner, spot.target, spot.requires
        )
        return Spot(change.placeholder, spot.machine, inner, requires=[change.id])

    def _add_machine(
        self,
        name: str,
        application: Application,
        machine: str,
        container: str,
        inner: str,
        parent: str,
        requires: list[str],
    ) -> Change:
        kind = "existing machine" if machine in self._model.machines else "new machine"
        text = f"{kind} {machine}"
        if container:
            text = f"{container} container {inner} on {text}"
        constraints = _with_spaces(application.constraints, application.bindings, self._juju)
        args = machine_args(self._platforms.get(name, ""), constraints, container, parent)
        return self._changes.add("addMachines", [args], [f"add {text}"], requires)


def machine_args(platform: str, constraints: str, container: str, parent: str) -> dict[str, str]:
    """Return the argument of an addMachines change; empty parts are left out."""
    parts = {
        "series": platform,
        "constraints": constraints,
        "containerType": container,
        "parentId": parent,
    }
    return {key: value for key, value in parts.items() if value}


def _repeated(placements: list[str]) -> str:
    """Return what units beyond the list get: the last directive, if it may be repeated."""
    placement = parse_placement(placements[-1]) if placements else None
    if placement is None:
        return ""
    repeats = placement.machine == "new" or (placement.application and placement.unit < 0)
    return placements[-1] if repeats else ""


def _with_spaces(constraints: str, bindings: dict[str, str], juju: Juju) -> str:
    """Add the spaces that an application is bound to (``fixupConstraintsWithBindings``)."""
    if not bindings:
        return constraints
    values = dict(split_constraints(constraints))
    wanted, refused = set(bindings.values()), set[str]()
    for space in values.pop("spaces", "").split(","):
        if space.startswith("^"):
            refused.add(space[1:])
        elif space:
            wanted.add(space)
    for space in sorted(wanted & refused):
        word = "Space" if juju < Juju.V2_9 else "space"
        raise PlanError(f"{word} {quote(space)} is required but it's forbidden by constraint")
    spaces = sorted([*wanted, *(f"^{space}" for space in refused)], key=natural)
    rest = "".join(f" {key}={values[key]}" for key in sorted(values, key=natural))
    return f"spaces={','.join(spaces)}{rest}"
