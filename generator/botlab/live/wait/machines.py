"""The judgement of a machine or container."""

from __future__ import annotations

from ..status.model import MachineStatus, ModelStatus, StatusInfo
from . import remedies
from .missing import Activity, Missing

_FAILED_AGENTS = ("down", "stopped", "error", "failed")


def parents(name: str) -> list[str]:
    """Return the machines that a container is on, from the outside, and the container itself."""
    parts = name.split("/")
    return ["/".join(parts[: end + 1]) for end in range(0, len(parts), 2)]


def started_machines(status: ModelStatus) -> frozenset[str]:
    """Return the names of the machines and containers that work.

    Up to 4.0.11, Juju 4 calls a machine ``down`` if only containers have units on it
    (juju/juju#22057). The containers of a machine that is really down are down too, so one
    that is started proves that the machine works.
    """
    machines = status.machines.values()
    started = [machine for machine in machines if machine.agent.current == "started"]
    hosts = {machine.parent for machine in started}
    down = [machine.name for machine in machines if machine.agent.current == "down"]
    return frozenset(machine.name for machine in started) | hosts.intersection(down)


def judge_machine(
    machine: MachineStatus, status: ModelStatus, started: frozenset[str]
) -> Missing | None:
    """Return why a machine or container of a model is not ready; None if it is.

    Args:
        machine: The machine.
        status: The status of the model.
        started: What :func:`started_machines` returns for it.
    """
    if machine.name in started:
        return None
    if _is_error(machine.instance.current):
        fix = remedies.failed_provisioning(status, machine)
        return _missing(machine, Activity.FAILED, machine.instance, fix)
    if machine.agent.current in _FAILED_AGENTS:
        fix = remedies.lost_machine(status, machine)
        return _missing(machine, Activity.FAILED, machine.agent, fix)
    is_waiting = bool(machine.parent) and machine.parent not in started
    return _missing(machine, Activity.WAITING if is_waiting else Activity.WORKING, machine.agent)


def _missing(
    machine: MachineStatus, activity: Activity, state: StatusInfo, fix: str = ""
) -> Missing:
    kind = "container" if machine.parent else "machine"
    message = state.message or machine.instance.message or machine.instance.current
    return Missing(kind, machine.name, activity, state.current, message, fix=fix)


def _is_error(instance: str) -> bool:
    """Return whether the cloud failed, as in ``provisioning error`` or ``failed deployment``."""
    return "error" in instance.lower() or "failed" in instance.lower()
