"""The progress of a wait, on a terminal and elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from botlab.cli.progress import LineReport, duration_text, progress_report
from botlab.live.errors import UnreachableError
from botlab.live.status.model import ApplicationStatus, ModelStatus, StatusInfo
from botlab.live.wait import wait_until_ready
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


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def printed(statuses: Iterable[StatusStep], stream: io.StringIO | None = None) -> str:
    """Return what is shown while a model has some statuses in turn."""
    out, time = stream or io.StringIO(), FakeTime()
    with progress_report(out) as report:
        wait_until_ready(FakeModel(list(statuses)), LAB, time.deadline(7200), report, time.clock)
    return out.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.6, "1m00s"), (200, "3m20s"), (3900, "1h05m")]
)
def test_duration_is_written_as_people_write_it(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_lines_are_printed_only_when_they_change() -> None:
    deploying = with_machine(
        READY, "4", agent=StatusInfo("pending"), instance=StatusInfo("allocating", "Deploying")
    )
    installing = with_unit(READY, "etcd/0", workload=StatusInfo("maintenance", "installing"))
    text = printed([deploying] * 3 + [installing] * 2 + [READY])

    assert text.splitlines()[:4] == [
        "    0s  phase: the machines are installed",
        "    0s  machines: 4 of 5 started; 4 Deploying",
        "    0s  containers: 2 of 2 started",
        "    0s  easyrsa: ready (1 of 1)",
    ]
    later = [line for line in text.splitlines() if not line.startswith("    0s")]
    assert later == [
        "   15s  phase: the charms of the cluster install Kubernetes",
        "   15s  machines: 5 of 5 started",
        "   15s  etcd: 2 of 3 ready; etcd/0 maintenance: installing",
        "   15s  kubernetes-worker: ready (2 of 2)",
        "   15s  calico: ready (4 of 4)",
        "   15s  containerd: ready (4 of 4)",
        "   15s  filesystem-client: ready (2 of 2)",
        "   15s  nvidia-runtime: ready (2 of 2)",
        "   15s  time left: about 22 to 90 more minutes (an assumption, not measured here)",
        "   25s  phase: everything is ready",
        "   25s  etcd: ready (3 of 3)",
    ]


def test_controller_that_is_away_is_shown_until_it_answers_again() -> None:
    installing = with_unit(READY, "etcd/0", workload=StatusInfo("maintenance", "installing"))
    away = UnreachableError("10.0.0.2:17070: connection refused")
    text = printed([installing, away, away, READY])

    assert [line for line in text.splitlines() if "controller" in line] == [
        "    5s  controller: out of reach, trying again: 10.0.0.2:17070: connection refused",
        "   15s  controller: answers",
    ]


def test_several_notes_are_printed_once() -> None:
    names = ("ubuntu", "postgresql")
    extra = {name: ApplicationStatus(name) for name in names}
    units = {**READY.units}
    status = ModelStatus(
        READY.name,
        machines=READY.machines,
        applications={**READY.applications, **extra},
        units=units,
    )
    busy = with_unit(status, "etcd/0", workload=StatusInfo("maintenance", "installing"))

    assert printed([busy, busy, status]).count("note: ") == 1


def test_unprintable_characters_of_a_message_are_shown_as_escapes() -> None:
    status = with_unit(READY, "etcd/0", workload=StatusInfo("blocked", "\x1b[2Jgone"))
    out = io.StringIO()
    wait_until_ready(FakeModel([status]), LAB, FakeTime().deadline(0), LineReport(out))

    assert "etcd/0 blocked: \\x1b[2Jgone" in out.getvalue()


def test_terminal_gets_one_table_that_changes() -> None:
    installing = with_unit(READY, "etcd/0", workload=StatusInfo("blocked", "[red]\x1b[2J no"))
    text = printed([installing, READY], Terminal())

    assert "etcd/0 blocked: [red]\\x1b[2J no" in text
    assert "ready (3 of 3)" in text
    assert "\x1b[?25l" in text, "the cursor is hidden while the table changes"
    assert "\x1b[?25h" in text
