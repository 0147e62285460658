"""Why a unit is not ready, what happens to it, and what a person should do."""

from __future__ import annotations

import pytest

from botlab.live.status.model import StatusInfo, UnitStatus
from botlab.live.wait.missing import Activity, Missing, joined_names
from botlab.live.wait.units import judge_unit
from helpers.live_models import example_lab, ready_status

STATUS = ready_status(example_lab())
STARTED = frozenset({"0", "0/lxd/1"})
LOG = "juju debug-log -m ctrl:modern --replay --include a/0"
IDLE, ACTIVE = StatusInfo("idle"), StatusInfo("active", "fine")


def judged(
    workload: StatusInfo, agent: StatusInfo = IDLE, machine: str = "0"
) -> tuple[Activity, str, str, str, str] | None:
    """Return what is missing of a unit: activity, state, message, fix and agent."""
    unit = UnitStatus("a/0", "a", machine=machine, workload=workload, agent=agent)
    missing = judge_unit(unit, STATUS, STARTED)
    if missing is None:
        return None
    assert (missing.kind, missing.name, missing.application) == ("unit", "a/0", "a")
    return missing.activity, missing.state, missing.message, missing.fix, missing.agent


@pytest.mark.parametrize(
    "agent",
    [IDLE, StatusInfo("executing", "running update-status hook")],
)
@pytest.mark.parametrize("machine", ["0", "0/lxd/1"])
def test_active_unit_is_ready_unless_its_agent_is_busy(agent: StatusInfo, machine: str) -> None:
    """The hook update-status runs again and again."""
    assert judged(ACTIVE, agent, machine) is None


@pytest.mark.parametrize(
    ("workload", "agent", "machine", "missing"),
    [
        (
            StatusInfo("error", "hook failed"),
            StatusInfo("lost"),
            "7",
            (
                Activity.FAILED,
                "error",
                "hook failed",
                f"read the error in {LOG}, correct the cause, then run: juju resolved a/0 -m"
                " ctrl:modern",
                "",
            ),
        ),
        (ACTIVE, IDLE, "", (Activity.WAITING, "active", "waits for a machine", "", "")),
        (ACTIVE, IDLE, "7", (Activity.WAITING, "active", "waits for machine 7", "", "")),
        (
            ACTIVE,
            IDLE,
            "0/lxd/9",
            (Activity.WAITING, "active", "waits for container 0/lxd/9", "", ""),
        ),
        (ACTIVE, IDLE, "7/lxd/1", (Activity.WAITING, "active", "waits for machine 7", "", "")),
        *(
            (
                ACTIVE,
                StatusInfo(state, "no contact"),
                "0",
                (
                    Activity.FAILED,
                    f"agent {state}",
                    "no contact",
                    f"check machine 0 and its Juju agents; log: {LOG}",
                    "",
                ),
            )
            for state in ("lost", "failed", "error")
        ),
        (
            ACTIVE,
            StatusInfo("lost"),
            "0",
            (
                Activity.FAILED,
                "agent lost",
                "fine",
                f"check machine 0 and its Juju agents; log: {LOG}",
                "",
            ),
        ),
        (
            ACTIVE,
            StatusInfo("executing", "running install hook"),
            "0",
            (Activity.WORKING, "active", "fine", "", "running install hook"),
        ),
        (
            ACTIVE,
            StatusInfo("allocating", "update-status"),
            "0",
            (Activity.WORKING, "active", "fine", "", "update-status"),
        ),
        (
            ACTIVE,
            StatusInfo("allocating"),
            "0",
            (Activity.WORKING, "active", "fine", "", "agent allocating"),
        ),
        (
            StatusInfo("blocked", "set addresses"),
            IDLE,
            "0",
            (
                Activity.BLOCKED,
                "blocked",
                "set addresses",
                "do what the message says; the charm then continues (history: juju"
                " show-status-log a/0 -m ctrl:modern)",
                "",
            ),
        ),
        (
            StatusInfo("waiting", "for etcd"),
            IDLE,
            "0",
            (Activity.WAITING, "waiting", "for etcd", "", ""),
        ),
        (
            StatusInfo("unknown"),
            IDLE,
            "0",
            (Activity.WAITING, "unknown", "the charm has not set a status", "", ""),
        ),
        (
            StatusInfo("maintenance", "installing"),
            IDLE,
            "0",
            (Activity.WORKING, "maintenance", "installing", "", ""),
        ),
    ],
)
def test_unit_that_is_not_ready_has_a_cause_and_perhaps_a_fix(
    workload: StatusInfo,
    agent: StatusInfo,
    machine: str,
    missing: tuple[Activity, str, str, str, str],
) -> None:
    """A failed hook comes before everything else, and the machine before the agent."""
    assert judged(workload, agent, machine) == missing


def test_part_that_is_not_ready_is_one_line() -> None:
    unit = Missing("unit", "a/0", Activity.WORKING, "maintenance", "busy", "a", agent="install")
    machine = Missing("machine", "3", Activity.WAITING, "pending")

    assert str(unit) == "a/0 maintenance: busy (install)"
    assert str(machine) == "machine 3 pending"
    assert (unit.is_busy, machine.is_busy) == (True, False)
    assert joined_names([unit]) == "a/0"
    assert joined_names([machine, unit]) == "machine 3 and a/0"
    assert joined_names([machine, unit, unit]) == "machine 3 and 2 others"
