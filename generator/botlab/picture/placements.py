"""The machines and containers of a bundle, and the units on them.

Juju's own change list of the bundle decides which machines and containers exist, and where each
unit goes (:func:`botlab.plan.changes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..bundle.model import Bundle
from ..bundle.natural_sort import natural
from ..plan import Change, ChangeSet


@dataclass(slots=True)
class Place:
    """A machine or a container.

    Attributes:
        name: The number of a machine of the bundle, the name of a container such as ``0/lxd/0``,
            or a text for a machine that Juju adds.
        kind: The kind of the container; empty for a machine.
        units: The units on it as pairs of unit and application.
        containers: The containers on a machine.
    """

    name: str
    kind: str = ""
    units: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    containers: list[Place] = field(default_factory=list["Place"])


def places(bundle: Bundle, changes: ChangeSet) -> list[Place]:
    """Return the machines of a bundle that is deployed to an empty model.

    Args:
        bundle: The bundle.
        changes: Juju's changes for it.
    """
    return _Placement(bundle, changes).machines


class _Placement:
    """The machines, found while the changes are read."""

    def __init__(self, bundle: Bundle, changes: ChangeSet) -> None:
        self.machines: list[Place] = []
        self._places: dict[str, Place] = {}
        self._hosts: dict[str, Place] = {}
        self._names = iter(sorted(bundle.machines, key=natural))
        deployed = _of(changes, "deploy")
        self._applications = {change.placeholder: str(change.args[2]) for change in deployed}
        added = _of(changes, "addUnit")
        self._targets = {change.placeholder: change.args[1] for change in added}
        for change in _of(changes, "addMachines"):
            self._add(change, change.args[0])
        self._add_units(added)

    def _add(self, change: Change, args: Mapping[str, str]) -> None:
        """Add a machine or a container. The machines that the bundle names come first."""
        kind = args.get("containerType", "")
        parent = self._machine(args.get("parentId")) or change.placeholder
        host = self._hosts.get(parent) or self._add_machine(parent)
        self._hosts[change.placeholder] = self._places[change.placeholder] = host
        if kind:
            number = sum(inner.kind == kind for inner in host.containers)
            container = Place(f"{host.name}/{kind}/{number}", kind)
            host.containers.append(container)
            self._places[change.placeholder] = container

    def _add_machine(self, key: str) -> Place:
        """Add a machine.

        Args:
            key: The placeholder of its change or, if Juju adds it for a unit, of the unit.
        """
        name = next(self._names, "") or f"new machine {len(self.machines)}"
        place = self._hosts[key] = self._places[key] = Place(name)
        self.machines.append(place)
        return place

    def _add_units(self, added: list[Change]) -> None:
        counts: dict[str, int] = {}
        for change in added:
            application = self._applications[change.args[0]]
            number = counts.get(application, 0)
            counts[application] = number + 1
            key = self._machine(change.args[1]) or change.placeholder
            place = self._places.get(key) or self._add_machine(key)
            place.units.append((f"{application}/{number}", application))

    def _machine(self, target: str | None) -> str | None:
        """Return the placeholder of a target's machine, or of the unit that Juju adds one for."""
        while target in self._targets and self._targets[target] is not None:
            target = self._targets[target]
        return target


def _of(changes: ChangeSet, method: str) -> list[Change]:
    return [change for change in changes.changes if change.method == method]
