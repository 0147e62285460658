"""The first state of a scripted client, and of a model."""

from __future__ import annotations

from .generations import VERSIONS
from .store import JsonObject

CONTROLLER_UUID = "00000000-0000-4000-8000-000000000001"


def new_state(generation: str, *, controller: str, model: str, stamp: str) -> JsonObject:
    """Return the state of a client with one controller on MAAS and one empty model.

    Args:
        generation: The release of Juju.
        controller: The name of the controller.
        model: The name of the model; empty for a controller without one.
        stamp: The time.
    """
    version = VERSIONS[generation]
    return {
        "generation": generation,
        "client_version": version,
        "version": version,
        "clock": "",
        "controllers": {controller: new_controller(version)} if controller else {},
        "current_controller": controller,
        "models": {model: new_model(model, 1, stamp)} if model else {},
        "current_model": model,
        "charms": {},
        "faults": [],
        "phases": [],
        "progress": {"status_calls": 1, "ends": {}},
        "deploy_failure": None,
        "planner": {},
        "status_calls": 0,
        "calls": 0,
        "has_strict_snap": None,
        "knows_all_names": False,
    }


def new_controller(version: str) -> JsonObject:
    """Return a controller on MAAS."""
    certificate = "-----BEGIN CERTIFICATE-----\nPLACEHOLDER\n-----END CERTIFICATE-----\n"
    return {
        "uuid": CONTROLLER_UUID,
        "cloud": "maas",
        "cloud_type": "maas",
        "region": "default",
        "endpoints": ["192.0.2.5:17070"],
        "ca_cert": certificate,
        "user": "admin",
        "access": "superuser",
        "version": version,
    }


def new_model(
    name: str, number: int, stamp: str, config: dict[str, str] | None = None
) -> JsonObject:
    """Return an empty model.

    Args:
        name: The name.
        number: A number from which the model's UUID is made.
        stamp: The time.
        config: Settings that differ from the default.
    """
    return {
        "name": name,
        "uuid": f"f00ba400-0000-4000-8000-{number:012d}",
        "owner": "admin",
        "type": "iaas",
        "status": {"current": "available", "since": stamp},
        "config": dict(config or {}),
        "constraints": "",
        "machines": {},
        "applications": {},
        "units": {},
        "relations": [],
        "offers": {},
        "remote_applications": {},
        "storage": {},
        "ssh_keys": [],
        "secrets": {},
        "spaces": {"alpha": ["192.0.2.0/24"]},
        "status_log": {},
        "debug_log": [],
        "action_results": [],
        "command_results": [],
        "tasks": {},
        "files": {},
        "next_machine": 0,
        "next_container": {},
        "next_unit": {},
        "next_relation": 0,
        "next_operation": 1,
        "local_revisions": {},
    }
