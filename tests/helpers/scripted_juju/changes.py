"""Changes of a model that a test makes at once, or lets happen while the product waits."""

from __future__ import annotations

from typing import Any, NamedTuple

from .client.store import JsonObject
from .faults import Fault


class Change(NamedTuple):
    """One change of the state."""

    kind: str
    name: str
    body: JsonObject

    def document(self) -> JsonObject:
        """Return the change as the state keeps it."""
        return {"kind": self.kind, "name": self.name, **self.body}


def machine_started(name: str) -> Change:
    """Let machines start. The name can be a pattern, such as ``*``."""
    return Change("machine", name, {"started": True})


def machine_status(
    name: str,
    *,
    agent: str = "",
    message: str = "",
    instance: str = "",
    instance_message: str = "",
) -> Change:
    """Set the statuses of machines.

    Args:
        name: The machine, or a pattern.
        agent: The status of Juju's agent: `pending`, `started`, `down`, `stopped`, `error`.
        message: The agent's message.
        instance: The status of the instance: `allocating`, `running`, `provisioning error`.
        instance_message: The message of the cloud.
    """
    body: JsonObject = {}
    if agent:
        body["juju_status"] = _status(agent, message)
    if instance:
        body["machine_status"] = _status(instance, instance_message)
    return Change("machine", name, body)


def machine_down(name: str) -> Change:
    """Let the agents of machines stop communicating."""
    return machine_status(name, agent="down", message="agent is not communicating with the server")


def machine_removed(name: str) -> Change:
    """Let machines disappear from the model."""
    return Change("machine", name, {"remove": True})


def unit_status(
    name: str, workload: str = "", message: str = "", *, agent: str = "", agent_message: str = ""
) -> Change:
    """Set the statuses of units.

    Args:
        name: The unit, or a pattern, such as ``metallb/*`` or ``*``.
        workload: The workload's status: `active`, `waiting`, `blocked`, `maintenance`, `error`.
        message: The workload's message.
        agent: The agent's status: `allocating`, `executing`, `idle`, `lost`, `failed`.
        agent_message: The agent's message.
    """
    body: JsonObject = {}
    if workload:
        body["workload"] = _status(workload, message)
    if agent:
        body["agent"] = _status(agent, agent_message)
    return Change("unit", name, body)


def unit_lost(name: str) -> Change:
    """Let the agents of units be lost."""
    return unit_status(
        name, agent="lost", agent_message="agent is not communicating with the server"
    )


def unit_error(name: str, hook: str = "install") -> Change:
    """Let a hook of units fail."""
    return unit_status(name, "error", f'hook failed: "{hook}"', agent="idle")


def unit_fields(name: str, **fields: Any) -> Change:
    """Set fields of units, such as `open_ports`, `public_address` or `leader`."""
    return Change("unit", name, {"fields": fields})


def application_fields(name: str, **fields: Any) -> Change:
    """Set fields of an application, such as `version`, `exposed`, `options` or `status`."""
    return Change("application", name, {"fields": fields})


def fault_begins(fault: Fault) -> Change:
    """Switch a failure on, such as a controller that is gone while the product waits."""
    return Change("fault", "", {"fault": fault.document()})


def _status(current: str, message: str) -> JsonObject:
    return {"current": current, **({"message": message} if message else {})}
