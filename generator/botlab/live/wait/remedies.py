"""What a person should do about something that is not ready. Commands name the model."""

from __future__ import annotations

from ..advice import model_command
from ..status.model import MachineStatus, ModelStatus, UnitStatus

MISSING_RELATION = "run botlab diff SITE --live, which shows a missing relation and its command"
MISSING_APPLICATION = "run botlab deploy SITE, and check that --model names the right model"


def failed_hook(status: ModelStatus, unit: UnitStatus) -> str:
    """Return what to do about a unit whose hook fails."""
    resolved = model_command(status, "resolved", unit.name)
    return f"read the error in {_log(status, unit)}, correct the cause, then run: {resolved}"


def lost_agent(status: ModelStatus, unit: UnitStatus) -> str:
    """Return what to do about a unit whose agent does not report."""
    return f"check machine {unit.machine} and its Juju agents; log: {_log(status, unit)}"


def blocked(status: ModelStatus, unit: UnitStatus) -> str:
    """Return what to do about a unit whose charm asks for help."""
    history = model_command(status, "show-status-log", unit.name)
    return f"do what the message says; the charm then continues (history: {history})"


def failed_provisioning(status: ModelStatus, machine: MachineStatus) -> str:
    """Return what to do about a machine that the cloud could not provide."""
    command = model_command(status, "retry-provisioning", machine.name)
    return f"correct the cause in the cloud (MAAS lists a machine's events), then run: {command}"


def lost_machine(status: ModelStatus, machine: MachineStatus) -> str:
    """Return what to do about a machine whose agent does not report."""
    service = f"jujud-machine-{machine.name.replace('/', '-')}"
    return (
        f"check that {machine.hostname or machine.name} has power and reaches the controller, and"
        f" that its service {service} runs; {model_command(status, 'show-machine', machine.name)}"
        " shows more"
    )


def absent_units(status: ModelStatus, application: str, number: int) -> str:
    """Return what to do about units that were never added."""
    command = model_command(status, "add-unit", application, options=("-n", str(number)))
    return f"run botlab deploy SITE, or: {command}"


def _log(status: ModelStatus, unit: UnitStatus) -> str:
    return model_command(status, "debug-log", options=("--replay", "--include", unit.name))
