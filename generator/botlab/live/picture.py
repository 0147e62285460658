"""The picture of a running model, coloured by the status of its machines and units."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from ..juju import Juju
from ..picture import model
from ..picture.hardware import hardware_texts, zone_of
from ..picture.model import Health, LabPicture, State
from ..picture.of_bundle import applications_of, relations_of, site_names
from ..picture.resources import resources_of
from ..plan.machine_map import MachineMap
from ..plan.model_status import model_of_status
from .comparison.machines import map_machines
from .lab import Lab
from .model_parts import model_application, model_relations, model_remote_applications
from .status.model import MachineStatus, ModelStatus, UnitStatus
from .wait.machines import judge_machine, started_machines
from .wait.missing import Activity, Missing
from .wait.readiness import readiness
from .wait.units import judge_unit

_HEALTHS = {
    Activity.WORKING: Health.BUSY,
    Activity.WAITING: Health.BUSY,
    Activity.BLOCKED: Health.BLOCKED,
    Activity.FAILED: Health.FAILED,
}
_READY = State(Health.READY)
# The names of the cards of units that are on no machine.
_NO_MACHINE, _CLUSTER = "no machine yet", "pods of the cluster"


def live_picture(status: ModelStatus, juju: Juju, lab: Lab | None = None) -> LabPicture:
    """Return the picture of a running model.

    Args:
        status: The status of the model.
        juju: The release line of its controller.
        lab: The site or bundle that was deployed. It gives the machines their names and GPUs, and
            has what a status lacks: storage, address pools, and the ends of relations. None for
            the model alone.
    """
    return _Picture(status, juju, lab).picture()


class _Picture:
    """One picture of a model."""

    def __init__(self, status: ModelStatus, juju: Juju, lab: Lab | None) -> None:
        self._status, self._lab = status, lab
        empty: dict[str, Any] = {"applications": {}, "machines": {}}
        self._model = model_of_status({**empty, **status.document}, juju)
        self._started = started_machines(status)
        self._readiness = readiness(lab, status) if lab else None
        self._subordinates: dict[str, list[UnitStatus]] = {}
        for unit in status.units.values():
            if unit.principal:
                self._subordinates.setdefault(unit.principal, []).append(unit)
        self._inner: dict[str, list[str]] = {}
        for name, machine in status.machines.items():
            if machine.parent:
                # A container in a container is drawn on the machine, too.
                self._inner.setdefault(name.partition("/")[0], []).append(name)
        self._names = self._bundle_machines()

    def _bundle_machines(self) -> dict[str, str]:
        """Return the machines of the bundle by those of the model."""
        if self._lab is None:
            return {}
        pairs = map_machines(self._lab.bundle, self._status, self._model, MachineMap())
        return {machine: name for name, machine in pairs.items()}

    def picture(self) -> LabPicture:
        """Return the picture."""
        return LabPicture(
            self._lab.name if self._lab else self._status.name,
            tuple(self._facts()),
            tuple(self._machines()),
            tuple(self._applications()),
            tuple(self._relations()),
            resources_of(self._lab.facts) if self._lab else (),
            tuple(map(_problem, self._missing())),
            is_live=True,
        )

    def _facts(self) -> Iterator[str]:
        status = self._status
        yield f"model {status.controller}:{status.name}" if status.controller else status.name
        if status.version:
            yield f"Juju {status.version}"
        machines = [name for name, machine in status.machines.items() if not machine.parent]
        if machines or not status.is_kubernetes:
            started = self._started.intersection(machines)
            yield f"{len(started)} of {len(machines)} machines started"
        ready = sum(self._unit_state(unit) == _READY for unit in status.units.values())
        yield f"{ready} of {len(status.units)} units ready"

    def _machines(self) -> Iterator[model.Machine]:
        units = self._units_by_machine()
        for name, machine in self._status.machines.items():
            if not machine.parent:
                yield self._machine(name, machine, units)
        if units.get(""):
            name = _CLUSTER if self._status.is_kubernetes else _NO_MACHINE
            yield model.Machine(name, name, units=tuple(units[""]))

    def _units_by_machine(self) -> dict[str, list[model.Unit]]:
        units: dict[str, list[model.Unit]] = {}
        for unit in self._status.units.values():
            if not unit.principal:
                place = unit.machine if unit.machine in self._status.machines else ""
                units.setdefault(place, []).append(self._unit(unit))
        return units

    def _machine(
        self, name: str, machine: MachineStatus, units: Mapping[str, list[model.Unit]]
    ) -> model.Machine:
        title, gpus = self._described(name, machine)
        aliases = (machine.hostname, machine.instance_id)
        return model.Machine(
            name,
            title,
            machine.addresses,
            hardware_texts(machine.hardware, are_limits=False),
            gpus,
            zone_of(machine.hardware),
            tuple(units.get(name, ())),
            tuple(self._containers(name, units)),
            self._machine_state(machine),
            aliases=tuple(alias for alias in aliases if alias),
        )

    def _described(self, name: str, machine: MachineStatus) -> tuple[str, str]:
        """Return the name of a machine in the site, or else its host name, and its GPUs."""
        number = self._names.get(name, "")
        site = self._lab.site if self._lab else None
        title = site_names(site).get(number, "")
        has_gpu = site is not None and title != "" and site.machines[title].gpu
        return title or machine.hostname or model.numbered(name), "GPU" if has_gpu else ""

    def _containers(
        self, host: str, units: Mapping[str, list[model.Unit]]
    ) -> Iterator[model.Container]:
        for name in self._inner.get(host, ()):
            inner = self._status.machines[name]
            _, kind, _ = ("", "", *name.split("/"))[-3:]
            own = tuple(units.get(name, ()))
            yield model.Container(name, kind, own, self._machine_state(inner), inner.addresses)

    def _unit(self, unit: UnitStatus) -> model.Unit:
        subordinates = self._subordinates.get(unit.name, ())
        return model.Unit(
            unit.name,
            unit.application,
            self._unit_state(unit),
            tuple(
                model.Unit(inner.name, inner.application, self._unit_state(inner))
                for inner in subordinates
            ),
        )

    def _machine_state(self, machine: MachineStatus) -> State:
        return _state(judge_machine(machine, self._status, self._started))

    def _unit_state(self, unit: UnitStatus) -> State:
        return _state(judge_unit(unit, self._status, self._started))

    def _missing(self) -> list[Missing]:
        """Return what is not ready, of the lab or, without one, of the model."""
        if self._readiness:
            return [*self._readiness.missing]
        status = self._status
        machines = status.machines.values()
        judged = [judge_machine(machine, status, self._started) for machine in machines]
        judged += [judge_unit(unit, status, self._started) for unit in status.units.values()]
        return [part for part in judged if part]

    def _applications(self) -> Iterator[model.Application]:
        absent = {part.application: part for part in self._missing() if part.state == "absent"}
        described = applications_of(self._lab.facts) if self._lab else ()
        names = dict.fromkeys(self._status.applications)
        for application in described:
            names.pop(application.name, None)
            part = absent.get(application.name)
            state = State(Health.ABSENT, part.message) if part else model.PLANNED
            yield dataclasses.replace(application, state=state)
        for name in names:
            yield model_application(self._status.applications[name])
        described_remotes = self._lab.bundle.saas if self._lab else {}
        for remote in model_remote_applications(self._status):
            if remote.name not in described_remotes:
                yield remote

    def _relations(self) -> Iterator[model.Relation]:
        """Yield the relations of the bundle, and those of applications that only the model has."""
        described = {*self._lab.applications, *self._lab.bundle.saas} if self._lab else set[str]()
        yield from relations_of(self._lab.facts) if self._lab else ()
        for relation in model_relations(self._status):
            if not described.issuperset(end.application for end in relation.ends):
                yield relation


def _state(missing: Missing | None) -> State:
    if missing is None:
        return _READY
    text = f"{missing.state}: {missing.message}" if missing.message else missing.state
    return State(_HEALTHS[missing.activity], text)


def _problem(part: Missing) -> State:
    text = f"{part}. Fix: {part.fix}" if part.fix else str(part)
    return State(Health.ABSENT if part.state == "absent" else _HEALTHS[part.activity], text)
