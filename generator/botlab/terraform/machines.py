"""The machines and containers of a plan, and the units on them.

Juju's own change list of the bundle decides which machines and containers exist, and where each
unit goes (:func:`botlab.plan.changes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..bundle.bases import SERIES_TO_BASE
from ..bundle.natural_sort import natural
from ..plan import Change, ChangeSet
from ..plan.unit_planner import with_spaces
from .document import Block, Reference, Template, Value, resource
from .labels import Labels
from .settings import setting_value
from .source import PlanSource

KIND = "juju_machine"
MODEL = Reference("juju_model", "lab", "uuid")


class Machines:
    """The machines of a plan.

    Attributes:
        blocks: The resources, in the order of the bundle; containers come last.
        deployments: The changes that deploy the applications, by application.
        units: The label of each unit's machine by application. They are None for an application
            without placements, whose machines Juju adds.
    """

    def __init__(self, source: PlanSource, changes: ChangeSet) -> None:
        self._names = source.machine_names
        self._labels: dict[str, str] = {}
        self._unique = Labels("machine_")
        by_method = _by_method(changes)
        self.deployments = {str(change.args[2]): change for change in by_method["deploy"]}
        applications = {change.placeholder: name for name, change in self.deployments.items()}
        self._unit_targets = {
            change.placeholder: change.args[1] for change in by_method["addUnit"]
        }
        owners = {change.args[1]: applications[change.args[0]] for change in by_method["addUnit"]}
        self.blocks = self._make_blocks(source, by_method["addMachines"], owners)
        self.units: dict[str, list[str | None]] = {}
        for change in by_method["addUnit"]:
            units = self.units.setdefault(applications[change.args[0]], [])
            units.append(self._label_of(change.args[1]))
        for name, labels in self.units.items():
            if any(labels):
                self.units[name] = [label or self._add_machine(source, name) for label in labels]

    def _add_machine(self, source: PlanSource, name: str) -> str:
        """Add a machine for a unit that has no placement beside others that have one.

        An application of the provider has either machines or a number of units.
        """
        application = source.applications[name]
        label = self._unique.add(name)
        block = resource(KIND, label)
        block.set("model_uuid", MODEL)
        block.set("base", base_of(str(self.deployments[name].args[1])))
        constraints = with_spaces(application.constraints, application.bindings, source.juju)
        block.set("constraints", constraints)
        self.blocks.append(block)
        return label

    def _make_blocks(
        self, source: PlanSource, added: list[Change], owners: Mapping[str, str]
    ) -> list[Block]:
        """Return the resources. The machines of the bundle are the first ones that are added."""
        names = sorted(source.bundle.machines, key=natural)
        blocks: list[Block] = []
        for name, change in zip(names, added, strict=False):
            self._labels[change.placeholder] = self._unique.add(self._names.get(name, name))
            blocks.append(self._block(change, _annotations(source, name)))
        for change in added[len(names) :]:
            self._labels[change.placeholder] = self._unique.add(self._new_name(change, owners))
            blocks.append(self._block(change, {}))
        return blocks

    def _new_name(self, change: Change, owners: Mapping[str, str]) -> str:
        """Return a name for a machine or container that an application needs."""
        args: dict[str, str] = change.args[0]
        host = self._label_of(args.get("parentId")) or ""
        owner = owners.get(change.placeholder, "")
        return "_".join(part for part in (host, args.get("containerType", ""), owner) if part)

    def _block(self, change: Change, annotations: dict[str, Value]) -> Block:
        args: dict[str, str] = change.args[0]
        label = self._labels[change.placeholder]
        block = resource(KIND, label)
        block.set("model_uuid", MODEL)
        block.set("base", base_of(args.get("series", "")))
        block.set("constraints", args.get("constraints"))
        block.set("placement", self._placement(args))
        block.set("annotations", annotations)
        return block

    def _placement(self, args: Mapping[str, str]) -> Value:
        container, host = args.get("containerType", ""), self._label_of(args.get("parentId"))
        return Template(f"{container}:", machine_id(host)) if host else container

    def _label_of(self, target: Any) -> str | None:
        """Return the label of a target: a machine, or the machine of a unit."""
        while target in self._unit_targets:
            target = self._unit_targets[target]
        return self._labels[target] if target else None


def _annotations(source: PlanSource, name: str) -> dict[str, Value]:
    machine = source.bundle.machines[name]
    return {
        key: setting_value(source, ("machines", name, "annotations", key), text)
        for key, text in (machine.annotations if machine else {}).items()
    }


def _by_method(changes: ChangeSet) -> dict[str, list[Change]]:
    methods: dict[str, list[Change]] = {"deploy": [], "addMachines": [], "addUnit": []}
    for change in changes.changes:
        methods.setdefault(change.method, []).append(change)
    return methods


def machine_id(label: str) -> Reference:
    """Return the id of a machine."""
    return Reference(KIND, label, "machine_id")


def repeated(labels: Iterable[str | None]) -> str:
    """Return the first label that appears twice; empty if there is none."""
    known: set[str] = set()
    for label in labels:
        if label in known:
            return label
        known |= {label} if label else set()
    return ""


def base_of(platform: str) -> str:
    """Return a platform of Juju's change list as a base without a risk.

    The provider reads the base of a machine without the risk. With it, each plan would show a
    change (baseFromParams in internal/juju/machines.go).
    """
    return SERIES_TO_BASE.get(platform, platform).partition("/")[0]
