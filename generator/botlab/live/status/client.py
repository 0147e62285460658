"""Reads ``juju status --format json`` of every release from 2.6 on.

The shapes are those of cmd/juju/status/formatted.go. A release leaves out what it does not know,
and a later one adds fields; a field of an unexpected type counts as absent. Where Juju cannot
determine a status, it prints ``{"status-error": TEXT}`` in place of the whole body. Such an object
has the status ``unknown`` with this text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...json_values import list_of, mapping_of, text_of
from .model import ApplicationStatus, MachineStatus, ModelStatus, StatusInfo, UnitStatus

_Json = Mapping[str, Any]


def read_status(document: _Json) -> ModelStatus:
    """Return the state of a model.

    Args:
        document: The parsed output of ``juju status --format json``.
    """
    model = _mapping(document, "model")
    applications = _objects(document, "applications")
    units = _units(applications)
    return ModelStatus(
        name=_text(model, "name"),
        controller=_text(model, "controller"),
        cloud=_text(model, "cloud"),
        kind=_text(model, "type") or "iaas",
        version=_text(model, "version"),
        machines={machine.name: machine for machine in _machines(document, "machines", "")},
        applications=_applications(applications, units),
        units=units,
        document=document,
    )


def _machines(owner: _Json, key: str, parent: str) -> Iterator[MachineStatus]:
    """Yield machines in the order of their numbers, each with its containers."""
    machines = _objects(owner, key)
    for name in sorted(machines, key=_number_key):
        body = machines[name]
        yield _machine(name, body, parent)
        yield from _machines(body, "containers", name)


def _machine(name: str, body: _Json, parent: str) -> MachineStatus:
    return MachineStatus(
        name=name,
        agent=_status(body, "juju-status"),
        instance=_status(body, "machine-status"),
        parent=parent,
        hostname=_text(body, "hostname"),
        instance_id=_text(body, "instance-id"),
        addresses=_texts(body, "ip-addresses") or _present(_text(body, "dns-name")),
        platform=_platform(body),
        hardware=_hardware(_text(body, "hardware")),
        constraints=_text(body, "constraints"),
        life=_life(_mapping(body, "juju-status")),
    )


def _applications(
    applications: Mapping[str, _Json], units: Mapping[str, UnitStatus]
) -> dict[str, ApplicationStatus]:
    names: dict[str, list[str]] = {}
    for unit in units.values():
        names.setdefault(unit.application, []).append(unit.name)
    return {
        name: _application(name, body, tuple(names.get(name, ())))
        for name, body in applications.items()
    }


def _application(name: str, body: _Json, units: tuple[str, ...]) -> ApplicationStatus:
    revision = _text(body, "charm-rev")
    return ApplicationStatus(
        name=name,
        charm=_text(body, "charm"),
        origin=_text(body, "charm-origin"),
        channel=_text(body, "charm-channel"),
        revision=int(revision) if revision.isdecimal() else -1,
        platform=_platform(body),
        is_exposed=body.get("exposed") is True,
        status=_status(body, "application-status"),
        workload_version=_text(body, "version"),
        principals=_texts(body, "subordinate-to"),
        units=units,
        life=_life(body),
    )


def _units(applications: Mapping[str, _Json]) -> dict[str, UnitStatus]:
    """Return all units in the order of the applications, then of their numbers."""
    by_application: dict[str, list[UnitStatus]] = {name: [] for name in applications}
    for application in applications.values():
        for name, body in _objects(application, "units").items():
            principal = _unit(name, body, None)
            by_application.setdefault(principal.application, []).append(principal)
            for other, subordinate_body in _objects(body, "subordinates").items():
                subordinate = _unit(other, subordinate_body, principal)
                by_application.setdefault(subordinate.application, []).append(subordinate)
    return {
        unit.name: unit
        for units in by_application.values()
        for unit in sorted(units, key=_unit_key)
    }


def _unit(name: str, body: _Json, principal: UnitStatus | None) -> UnitStatus:
    return UnitStatus(
        name=name,
        application=name.rpartition("/")[0] or name,
        workload=_status(body, "workload-status"),
        agent=_status(body, "juju-status"),
        machine=principal.machine if principal else _text(body, "machine"),
        principal=principal.name if principal else "",
        is_leader=body.get("leader") is True,
        public_address=_text(body, "public-address") or _text(body, "address"),
        open_ports=_texts(body, "open-ports"),
        life=_life(_mapping(body, "juju-status")),
    )


def _life(body: _Json) -> str:
    """Return the life of an application, or that in the agent's status of a unit or machine.

    Releases up to 3 print it only while something is being removed.
    """
    return _text(body, "life") or "alive"


def _status(owner: _Json, key: str) -> StatusInfo:
    """Return a status of an object, or the error that replaces the object or the status."""
    body = _mapping(owner, key)
    error = _text(body, "status-error") or _text(owner, "status-error")
    if error:
        return StatusInfo(message=error)
    return StatusInfo(
        current=_text(body, "current") or "unknown",
        message=_text(body, "message"),
        since=_text(body, "since"),
        version=_text(body, "version"),
    )


def _platform(body: _Json) -> str:
    base = _mapping(body, "base")
    name, channel = _text(base, "name"), _text(base, "channel")
    if name and channel:
        return f"{name}@{channel.removesuffix('/stable')}"
    return name or _text(body, "series")


def _hardware(text: str) -> dict[str, str]:
    """Return what a text such as ``arch=amd64 cores=8 mem=65536M`` says."""
    entries: dict[str, str] = {}
    key = ""
    for word in text.split():
        name, equals, value = word.partition("=")
        if equals:
            key, entries[name] = name, value
        elif key:  # a value with a space, such as the name of a zone
            entries[key] += f" {word}"
    return entries


def _objects(owner: _Json, key: str) -> dict[str, _Json]:
    return {name: mapping_of(body) for name, body in mapping_of(owner.get(key)).items()}


def _mapping(owner: _Json, key: str) -> _Json:
    return mapping_of(owner.get(key))


def _text(owner: _Json, key: str) -> str:
    return text_of(owner.get(key))


def _texts(owner: _Json, key: str) -> tuple[str, ...]:
    return tuple(map(text_of, list_of(owner.get(key))))


def _present(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _unit_key(unit: UnitStatus) -> tuple[int, int, str]:
    return _number_key(unit.name)


def _number_key(name: str) -> tuple[int, int, str]:
    """Return the key that sorts ``lxd/10`` after ``lxd/2``, and names without number last."""
    number = name.rpartition("/")[2]
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    return (0, int(number), name) if is_number else (1, 0, name)
