"""When further waiting is pointless."""

from __future__ import annotations

from collections.abc import Sequence

from botlab.live.wait.missing import Activity, Missing
from botlab.live.wait.patience import Patience
from botlab.live.wait.readiness import Count, Readiness

BLOCKED = Missing("unit", "metallb/0", Activity.BLOCKED, "blocked", "set addresses", "metallb")
FAILED = Missing("unit", "etcd/0", Activity.FAILED, "error", 'hook failed: "install"', "etcd")
WAITING = Missing("unit", "etcd/1", Activity.WAITING, "waiting", "for certificates", "etcd")
INSTALLING = Missing("unit", "etcd/2", Activity.WORKING, "maintenance", "installing", "etcd")
MACHINE = Missing("machine", "3", Activity.WORKING, "pending", "Deploying")
HOOK_OF_BLOCKED = Missing(
    "unit",
    "metallb/0",
    Activity.WORKING,
    "maintenance",
    "checking",
    "metallb",
    agent="running a hook",
)
HOOK_OF_FAILED = Missing(
    "unit",
    "etcd/0",
    Activity.WORKING,
    "maintenance",
    "running install hook",
    "etcd",
    agent="running a hook",
)


def state(*missing: Missing) -> Readiness:
    """Return a readiness that lacks some parts."""
    return Readiness(Count(1, 1), Count(0, 0), {}, missing)


def stopped_after(states: Sequence[Readiness], seconds: int, interval: int = 10) -> int | None:
    """Return after how many seconds the patience ends; None if it lasts.

    Args:
        states: The states in turn, repeated until the end.
        seconds: How long to observe.
        interval: The seconds between two observations.
    """
    patience = Patience()
    for number, now in enumerate(range(0, seconds, interval)):
        patience.observe(states[number % len(states)], now)
        if patience.reason(now):
            return now
    return None


def test_blocked_unit_ends_the_wait_after_ten_quiet_minutes() -> None:
    assert stopped_after([state(BLOCKED, WAITING)], 2000) == 610


def test_blocked_unit_does_not_end_the_wait_while_a_machine_is_installed() -> None:
    assert stopped_after([state(MACHINE, BLOCKED)], 7200) is None


def test_blocked_unit_does_not_end_the_wait_while_another_unit_installs() -> None:
    assert stopped_after([state(INSTALLING, BLOCKED)], 7200) is None


def test_changing_message_of_another_unit_is_progress() -> None:
    counted = [
        Missing("unit", "etcd/1", Activity.WAITING, "waiting", f"{number} of 99 objects", "etcd")
        for number in range(99)
    ]
    assert stopped_after([state(BLOCKED, unit) for unit in counted], 990) is None


def test_part_that_becomes_ready_is_progress() -> None:
    patience = Patience()
    for now in range(0, 500, 10):
        patience.observe(state(BLOCKED, WAITING), now)
    for now in range(500, 1110, 10):
        patience.observe(state(BLOCKED), now)
        assert patience.reason(now) == ""
    patience.observe(state(BLOCKED), 1110)

    assert patience.reason(1110) == (
        "a person must act, and nothing has changed for 10 minutes: metallb/0"
    )


def test_short_hooks_of_a_blocked_unit_are_not_progress() -> None:
    """The installer of Kubeflow sets "maintenance" in each hook, and "blocked" at its end."""
    assert stopped_after([state(BLOCKED), state(BLOCKED), state(HOOK_OF_BLOCKED)], 2000) == 610


def test_long_hook_of_a_blocked_unit_is_progress() -> None:
    hook = [state(HOOK_OF_BLOCKED)] * 20
    assert stopped_after([state(BLOCKED), *hook], 7200) is None


def test_unit_that_only_waits_never_ends_the_wait() -> None:
    assert stopped_after([state(WAITING)], 20000) is None


def test_error_ends_the_wait_after_ten_minutes_although_others_make_progress() -> None:
    assert stopped_after([state(MACHINE, FAILED)], 2000) == 600


def test_error_ends_the_wait_although_juju_runs_the_hook_again() -> None:
    assert stopped_after([state(FAILED), state(HOOK_OF_FAILED)], 2000) == 600


def test_error_that_passes_does_not_end_the_wait() -> None:
    minutes = [*[state(FAILED)] * 50, state(WAITING)]

    assert stopped_after(minutes, 7200) is None


def test_times_begin_again_after_the_controller_was_out_of_reach() -> None:
    patience = Patience()
    for now in range(0, 590, 10):
        patience.observe(state(FAILED), now)
    patience.forget()
    for now in range(2000, 2600, 10):
        patience.observe(state(FAILED), now)
        assert patience.reason(now) == ""
    patience.observe(state(FAILED), 2600)

    assert patience.reason(2600) == "an error without a break for 10 minutes: etcd/0"


def test_reason_names_the_parts() -> None:
    patience = Patience()
    failed_machine = Missing("machine", "4", Activity.FAILED, "down")
    for now in (0, 600):
        patience.observe(state(failed_machine, FAILED), now)

    assert patience.reason(600) == "an error without a break for 10 minutes: machine 4 and etcd/0"
