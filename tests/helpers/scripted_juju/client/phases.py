"""The script of a model: what changes after some calls of `status`, or after some time."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase

from .clock import now
from .objects import host_of, start_machine
from .store import JsonObject


def advance(state: JsonObject) -> None:
    """Apply the phases that are due, in the order in which they were added."""
    waiting: list[JsonObject] = []
    for phase in state["phases"]:
        if _is_due(state, phase):
            for change in phase["changes"]:
                apply_change(state, change)
        else:
            waiting.append(phase)
    state["phases"] = waiting


def _is_due(state: JsonObject, phase: JsonObject) -> bool:
    if "status_calls" in phase:
        return state["status_calls"] >= phase["status_calls"]
    return time.time() >= phase["at"]


def apply_change(state: JsonObject, change: JsonObject) -> None:
    """Apply one change of a script to the current model or the model that it names."""
    model = state["models"][change.get("model") or state["current_model"]]
    kind = change["kind"]
    if kind == "machine":
        _change_machines(state, model, change)
    elif kind == "unit":
        _change_units(state, model, change)
    elif kind == "application":
        model["applications"][change["name"]].update(change["fields"])
    elif kind == "model":
        model.update(change["fields"])
    elif kind == "fault":
        state["faults"].append(change["fault"])


def _change_machines(state: JsonObject, model: JsonObject, change: JsonObject) -> None:
    for identifier in [name for name in model["machines"] if fnmatchcase(name, change["name"])]:
        machine = model["machines"][identifier]
        if change.get("remove"):
            del model["machines"][identifier]
            continue
        if change.get("started"):
            start_machine(state, model, identifier)
        for field in ("juju_status", "machine_status"):
            if field in change:
                kept = (
                    {"version": machine[field]["version"]} if "version" in machine[field] else {}
                )
                machine[field] = {"since": now(state), **kept, **change[field]}
        machine.update(change.get("fields", {}))


def _change_units(state: JsonObject, model: JsonObject, change: JsonObject) -> None:
    for name in [name for name in model["units"] if fnmatchcase(name, change["name"])]:
        unit = model["units"][name]
        if "workload" in change:
            unit["workload"] = {"since": now(state), **change["workload"]}
            _log(state, model, name, "workload", unit["workload"])
        if "agent" in change:
            version = (
                {} if change["agent"]["current"] == "allocating" else {"version": state["version"]}
            )
            unit["agent"] = {"since": now(state), **version, **change["agent"]}
            _log(state, model, name, "juju-unit", unit["agent"])
        unit.update(change.get("fields", {}))
        _give_address(model, unit)


def _give_address(model: JsonObject, unit: JsonObject) -> None:
    machine = model["machines"].get(host_of(model, unit), {})
    if machine.get("dns_name") and "public_address" not in unit:
        unit["public_address"] = machine["dns_name"]


def _log(state: JsonObject, model: JsonObject, unit: str, kind: str, status: JsonObject) -> None:
    entry = {
        "status": status["current"],
        **({"message": status["message"]} if status.get("message") else {}),
        "since": now(state),
        "type": kind,
    }
    model["status_log"].setdefault(unit, []).append(entry)


def plan_progress(state: JsonObject, model: str) -> None:
    """Add the phases in which a deployed model comes up, if the script asks for progress."""
    progress = state.get("progress")
    if not progress:
        return
    start, step = state["status_calls"], progress["status_calls"]
    stages = [_machines_start(model), _charms_install(model), _charms_wait(model)]
    for number, changes in enumerate([*stages, _charms_end(model, progress["ends"])], 1):
        state["phases"].append({"status_calls": start + number * step, "changes": changes})


def _machines_start(model: str) -> list[JsonObject]:
    return [
        {"kind": "machine", "model": model, "name": "*", "started": True},
        _units(model, "*", ("waiting", "installing agent"), ("allocating", "")),
    ]


def _charms_install(model: str) -> list[JsonObject]:
    return [
        _units(
            model, "*", ("maintenance", "installing charm"), ("executing", "running install hook")
        )
    ]


def _charms_wait(model: str) -> list[JsonObject]:
    return [_units(model, "*", ("waiting", "waiting for relations"), ("idle", ""))]


def _charms_end(model: str, ends: dict[str, list[str]]) -> list[JsonObject]:
    final = {"*": ["active", "Ready"], **ends}
    return [
        _units(
            model, name if "/" in name or name == "*" else f"{name}/*", tuple(end), ("idle", "")
        )
        for name, end in final.items()
    ]


def _units(model: str, name: str, workload: tuple[str, ...], agent: tuple[str, str]) -> JsonObject:
    return {
        "kind": "unit",
        "model": model,
        "name": name,
        "workload": _status(*workload),
        "agent": _status(*agent),
    }


def _status(current: str, message: str = "") -> JsonObject:
    return {"current": current, **({"message": message} if message else {})}
