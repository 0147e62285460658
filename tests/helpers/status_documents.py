"""Documents of `juju status --format json`, from the state of a model."""

from __future__ import annotations

from typing import Any

from botlab.live.status.model import ModelStatus, StatusInfo, UnitStatus


def status_document(status: ModelStatus, version: str) -> dict[str, Any]:
    """Return a state as the document of Juju 3.6, which the scripted client reads.

    Args:
        status: The state.
        version: The version of the controller.
    """
    return {
        "model": {
            "name": status.name,
            "type": "iaas",
            "controller": status.controller,
            "cloud": status.cloud,
            "version": version,
        },
        "machines": _machines(status),
        "applications": {name: _application(status, name) for name in status.applications},
    }


def _machines(status: ModelStatus) -> dict[str, Any]:
    machines: dict[str, Any] = {}
    for name, machine in status.machines.items():
        body = {
            "juju-status": _info(machine.agent),
            "dns-name": next(iter(machine.addresses), ""),
            "hostname": machine.hostname,
            "ip-addresses": list(machine.addresses),
            "instance-id": machine.instance_id,
            "machine-status": _info(machine.instance),
        }
        if machine.parent:
            machines[machine.parent].setdefault("containers", {})[name] = body
        else:
            machines[name] = body
    return machines


def _application(status: ModelStatus, name: str) -> dict[str, Any]:
    application = status.applications[name]
    units = [unit for unit in status.units.values() if unit.application == name]
    body: dict[str, Any] = {
        "charm": application.charm,
        "charm-origin": "charmhub",
        "charm-name": application.charm,
        "charm-rev": 1,
        "exposed": False,
        "application-status": _info(application.status),
    }
    if application.principals:
        return body | {"subordinate-to": list(application.principals)}
    return body | {"units": {unit.name: _unit(status, unit) for unit in units}}


def _unit(status: ModelStatus, unit: UnitStatus) -> dict[str, Any]:
    body: dict[str, Any] = {
        "workload-status": _info(unit.workload),
        "juju-status": _info(unit.agent),
    }
    machine = status.machines.get(unit.machine)
    if machine and machine.addresses:
        body["public-address"] = machine.addresses[0]
    if not unit.principal:
        body["machine"] = unit.machine
    if unit.is_leader:
        body["leader"] = True
    below = [other for other in status.units.values() if other.principal == unit.name]
    if below:
        body["subordinates"] = {other.name: _unit(status, other) for other in below}
    return body


def _info(info: StatusInfo) -> dict[str, str]:
    return {"current": info.current, "message": info.message, "since": "20 Nov 2026 10:00:00Z"}
