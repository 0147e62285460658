"""The wait until a lab is ready."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import pytest

from botlab.live.errors import (
    CallTimedOutError,
    CommandFailedError,
    DeadlineError,
    LoginError,
    ModelMissingError,
    UnreachableError,
)
from botlab.live.status.model import ModelStatus, StatusInfo
from botlab.live.wait import Progress, Result, WaitOutcome, wait_until_ready
from botlab.live.wait.estimate import Estimate
from botlab.live.wait.phases import Phase
from botlab.live.wait.progress_lines import ProgressLine, progress_lines
from helpers.fake_time import FakeTime
from helpers.live_models import (
    FakeModel,
    StatusStep,
    example_lab,
    ready_status,
    with_machine,
    with_unit,
)

LAB = example_lab()
READY = ready_status(LAB)
PENDING = with_machine(READY, "4", agent=StatusInfo("pending"))
INSTALLING = with_unit(READY, "etcd/0", workload=StatusInfo("maintenance", "installing"))
FAILED = with_unit(READY, "etcd/0", workload=StatusInfo("error", 'hook failed: "install"'))
BLOCKED = with_unit(READY, "metallb/0", workload=StatusInfo("blocked", "set addresses"))
GONE = UnreachableError("10.0.0.2:17070: connection refused")


@dataclasses.dataclass
class Wait:
    """A wait that has ended."""

    outcome: WaitOutcome
    reports: list[Progress]
    time: FakeTime


def wait(statuses: Sequence[StatusStep], seconds: float | None = 7200) -> Wait:
    """Wait for a model that shows some statuses in turn; the last one stays."""
    time, reports = FakeTime(), list[Progress]()
    model = FakeModel(list(statuses))
    outcome = wait_until_ready(model, LAB, time.deadline(seconds), reports.append, time.clock)
    return Wait(outcome, reports, time)


def test_ready_lab_is_not_waited_for() -> None:
    ended = wait([READY])

    assert (ended.outcome.result, ended.outcome.exit_status) == (Result.READY, 0)
    assert ended.time.sleeps == []


def test_wait_ends_when_the_last_unit_is_ready() -> None:
    ended = wait([PENDING, INSTALLING, INSTALLING, READY])

    assert ended.outcome.is_ready
    assert [report.phase for report in ended.reports] == [
        Phase.MACHINES,
        Phase.CLUSTER,
        Phase.CLUSTER,
        Phase.READY,
    ]
    assert ended.time.sleeps == [5.0, 5.0, 5.0]
    assert ended.reports[-1].seconds == 15.0


def test_wait_times_out_with_what_is_missing() -> None:
    ended = wait([INSTALLING], 12)

    assert (ended.outcome.result, ended.outcome.exit_status) == (Result.TIMED_OUT, 3)
    assert ended.outcome.reason == "the time is over; not ready: etcd/0"
    assert ended.time.sleeps == [5.0, 5.0, 2.0]
    assert [part.name for part in ended.outcome.progress.readiness.missing] == ["etcd/0"]


def test_lab_that_becomes_ready_at_the_deadline_is_ready() -> None:
    assert wait([INSTALLING, INSTALLING, READY], 10).outcome.is_ready


@pytest.mark.parametrize("status", [FAILED, BLOCKED])
def test_wait_ends_early_when_waiting_is_pointless(status: ModelStatus) -> None:
    ended = wait([status])

    assert (ended.outcome.result, ended.outcome.exit_status) == (Result.STUCK, 1)
    assert 600 <= ended.outcome.progress.seconds <= 605


@pytest.mark.parametrize(
    "error",
    [
        GONE,
        CallTimedOutError("juju status", 60),
        CommandFailedError("juju status", 1, "unexpected end of JSON input"),
    ],
)
def test_controller_that_returns_in_mid_wait_is_waited_for(error: StatusStep) -> None:
    ended = wait([INSTALLING, error, error, READY])

    assert ended.outcome.is_ready
    assert [report.trouble for report in ended.reports] == ["", str(error), str(error), ""]
    lines = progress_lines(ended.reports[1])
    text = f"out of reach, trying again: {error}"
    assert lines[0] == ProgressLine("controller", text, is_serious=True)


def test_controller_that_stays_away_times_out() -> None:
    ended = wait([INSTALLING, GONE], 60)

    assert ended.outcome.exit_status == 3
    assert ended.outcome.reason == f"the controller is out of reach: {GONE}"


def test_short_hook_of_an_earlier_charm_does_not_begin_its_phase_again() -> None:
    kubeflow = with_unit(READY, "kubeflow-installer/0", workload=StatusInfo("maintenance"))
    hook = with_unit(kubeflow, "etcd/0", agent=StatusInfo("executing", "running start hook"))

    assert [report.phase for report in wait([kubeflow, hook, kubeflow, READY]).reports] == [
        Phase.KUBEFLOW,
        Phase.KUBEFLOW,
        Phase.KUBEFLOW,
        Phase.READY,
    ]


def test_time_that_remains_is_not_estimated_while_something_has_failed() -> None:
    estimates = [report.estimate for report in wait([INSTALLING, FAILED, READY]).reports]

    assert estimates == [Estimate(22, 90), None, None]


def test_deadline_in_the_middle_of_a_look_ends_the_wait_with_what_is_missing() -> None:
    ended = wait([INSTALLING, DeadlineError("juju status: the time is over")])

    assert ended.outcome.exit_status == 3
    assert ended.outcome.reason == "the time is over; not ready: etcd/0"


def test_controller_that_was_never_reached_is_an_error() -> None:
    with pytest.raises(UnreachableError):
        wait([GONE])


@pytest.mark.parametrize(
    "error", [LoginError("please log in"), ModelMissingError("modern", "no model modern")]
)
def test_error_that_does_not_pass_ends_the_wait(error: StatusStep) -> None:
    with pytest.raises(type(error)):
        wait([INSTALLING, error, READY])


def test_time_of_an_error_begins_again_after_the_controller_was_away() -> None:
    ended = wait([FAILED] * 100 + [GONE] * 50 + [FAILED])

    assert ended.outcome.progress.seconds == (100 + 50) * 5 + 600


def test_outcome_as_json_is_stable() -> None:
    outcome = wait([INSTALLING], 5).outcome

    assert json.loads(json.dumps(outcome.as_json())) == {
        "ok": False,
        "lab": "modern",
        "result": "timed-out",
        "reason": "the time is over; not ready: etcd/0",
        "phase": "cluster",
        "seconds": 5,
        "machines": {"ready": 5, "expected": 5},
        "containers": {"ready": 2, "expected": 2},
        "applications": {
            "easyrsa": {"ready": 1, "expected": 1},
            "etcd": {"ready": 2, "expected": 3},
            "kubeapi-load-balancer": {"ready": 1, "expected": 1},
            "kubernetes-control-plane": {"ready": 2, "expected": 2},
            "kubernetes-worker": {"ready": 2, "expected": 2},
            "calico": {"ready": 4, "expected": 4},
            "containerd": {"ready": 4, "expected": 4},
            "filesystem-client": {"ready": 2, "expected": 2},
            "nvidia-runtime": {"ready": 2, "expected": 2},
            "nfs-server": {"ready": 1, "expected": 1},
            "metallb": {"ready": 1, "expected": 1},
            "kubeflow-installer": {"ready": 1, "expected": 1},
        },
        "missing": [
            {
                "kind": "unit",
                "name": "etcd/0",
                "application": "etcd",
                "activity": "working",
                "state": "maintenance",
                "message": "installing",
                "agent": "",
                "fix": "",
            }
        ],
        "notes": [],
    }
