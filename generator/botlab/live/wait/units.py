"""The judgement of a unit."""

from __future__ import annotations

from ..status.model import ModelStatus, UnitStatus
from . import remedies
from .machines import parents
from .missing import Activity, Missing

# The only hook that Juju runs again and again in a unit that is ready.
_PERIODIC_HOOK = "update-status"


def judge_unit(unit: UnitStatus, status: ModelStatus, started: frozenset[str]) -> Missing | None:
    """Return why a unit of a model is not ready; None if it is.

    A unit is ready if its machine is started (a pod has none), the workload is active, and the
    agent is idle or runs the hook update-status.

    Args:
        unit: The unit.
        status: The status of the model.
        started: The machines that work.
    """
    workload, agent = unit.workload, unit.agent
    if workload.current == "error":
        fix = remedies.failed_hook(status, unit)
        return _missing(unit, Activity.FAILED, workload.current, workload.message, fix)
    host = "" if status.is_kubernetes else _missing_host(unit, started)
    if host:
        return _missing(unit, Activity.WAITING, workload.current, f"waits for {host}")
    if agent.current in ("lost", "failed", "error"):
        message, fix = agent.message or workload.message, remedies.lost_agent(status, unit)
        return _missing(unit, Activity.FAILED, f"agent {agent.current}", message, fix)
    if agent.current == "idle" or _runs_periodic_hook(unit):
        return _judge_idle(unit, status)
    work = agent.message or f"agent {agent.current}"
    return _missing(unit, Activity.WORKING, workload.current, workload.message, agent=work)


def _missing_host(unit: UnitStatus, started: frozenset[str]) -> str:
    """Return the machine that a unit waits for, in words; empty if the machine is started."""
    if not unit.machine:
        return "a machine"
    for name in parents(unit.machine):
        if name not in started:
            return f"container {name}" if "/" in name else f"machine {name}"
    return ""


def _runs_periodic_hook(unit: UnitStatus) -> bool:
    return unit.agent.current == "executing" and _PERIODIC_HOOK in unit.agent.message


def _judge_idle(unit: UnitStatus, status: ModelStatus) -> Missing | None:
    """Return why a unit is not ready whose agent runs no hook that matters."""
    state, message = unit.workload.current, unit.workload.message
    if state == "active":
        return None
    if state == "blocked":
        return _missing(unit, Activity.BLOCKED, state, message, remedies.blocked(status, unit))
    if state in ("waiting", "unknown"):
        message = message or "the charm has not set a status"
        return _missing(unit, Activity.WAITING, state, message)
    return _missing(unit, Activity.WORKING, state, message)


def _missing(
    unit: UnitStatus,
    activity: Activity,
    state: str,
    message: str,
    fix: str = "",
    *,
    agent: str = "",
) -> Missing:
    return Missing("unit", unit.name, activity, state, message, unit.application, fix, agent)
