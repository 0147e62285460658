"""The progress of a wait, on a terminal and elsewhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import pytest
from rich.console import Console

from botlab.cli.progress import LineReport, duration_text, progress_report, progress_table
from botlab.live.errors import UnreachableError
from botlab.live.status.model import ApplicationStatus, ModelStatus, StatusInfo
from botlab.live.wait import wait_until_ready
from botlab.live.wait.estimate import MINUTES, estimate
from botlab.live.wait.phases import Phase
from botlab.live.wait.progress import Progress
from botlab.live.wait.readiness import readiness
from helpers.fake_time import FakeTime
from helpers.live_models import (
    FakeModel,
    StatusStep,
    example_lab,
    ready_status,
    with_machine,
    with_unit,
)
from helpers.terminals import Terminal

LAB = example_lab()
READY = ready_status(LAB)


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


@pytest.mark.parametrize(("name", "has_table"), [("xterm", True), ("dumb", False)])
def test_table_needs_a_terminal_that_can_change_it(
    name: str, has_table: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dumb terminal gets lines."""
    monkeypatch.setenv("TERM", name)
    text = printed([READY], Terminal())

    assert ("\x1b[?25l" in text) is has_table
    assert ("    0s  etcd: ready (3 of 3)\n" in text) is not has_table


def shown(progress: Progress) -> list[str]:
    """Return the rows of the table in colour, with one bar between the columns."""
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=True, color_system="standard")
    console.print(progress_table(progress))
    lines = (line.rstrip() for line in out.getvalue().splitlines())
    return [re.sub(r" {2,}", " | ", line) for line in lines]


def test_table_shows_what_agents_do_and_the_lines_do_not() -> None:
    """Hooks of a unit that is active change every few seconds. What is ready is green."""
    busy = with_unit(READY, "etcd/0", agent=StatusInfo("executing", "running config-changed hook"))
    left = estimate(Phase.CLUSTER, [Phase.CLUSTER], 0)

    rows = shown(Progress(75, readiness(LAB, busy), Phase.CLUSTER, left))

    assert rows[:2] == [
        "controller | answers",
        "phase | the charms of the cluster install Kubernetes",
    ]
    assert "etcd | 2 of 3 ready; etcd/0 active: ready (running config-changed hook)" in rows
    assert any(row.startswith("easyrsa | \x1b[32mready (1 of 1)") for row in rows)
    assert rows[-2:] == [f"time left | {left}", "waited | 1m15s"]


def test_table_shows_serious_trouble_in_red() -> None:
    """An error, and a controller that is away. Nothing remains to be estimated then."""
    failed = with_unit(READY, "etcd/0", workload=StatusInfo("error", "hook failed"))

    rows = shown(Progress(5, readiness(LAB, failed), Phase.CLUSTER, trouble="refused"))

    red = [row for row in rows if "\x1b[1;31m" in row]
    assert [row.partition(" |")[0] for row in red] == ["controller", "etcd"]
    assert "time left" not in "".join(rows)


def test_terminal_gets_one_table_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    installing = with_unit(READY, "etcd/0", workload=StatusInfo("blocked", "[red]\x1b[2J no"))
    text = printed([installing, READY], Terminal())

    assert "etcd/0 blocked: [red]\\x1b[2J no" in text
    assert "ready (3 of 3)" in text
    assert "\x1b[?25l" in text, "the cursor is hidden while the table changes"
    assert "\x1b[?25h" in text


def test_estimate_is_printed_with_each_phase_and_when_the_phase_takes_too_long() -> None:
    """And not with each of the calls in between."""
    out = io.StringIO()
    report = LineReport(out)
    state = readiness(LAB, with_unit(READY, "etcd/0", workload=StatusInfo("waiting", "x")))
    phases = [
        (Phase.CLUSTER, 0),
        (Phase.CLUSTER, 60),
        (Phase.CLUSTER, 7200),
        (Phase.CLUSTER, 7260),
    ]
    for phase, seconds in phases:
        report(Progress(seconds, state, phase, estimate(phase, [phase], seconds)))
    report(Progress(7300, state, Phase.CLUSTER))
    report(Progress(7320, state, Phase.READY))

    fewest, most = MINUTES[Phase.CLUSTER]
    end = "more minutes (an assumption, not measured here)"
    lines = [
        line for line in out.getvalue().splitlines() if "time left" in line or "phase" in line
    ]
    assert lines == [
        f"    0s  phase: {Phase.CLUSTER.title}",
        f"    0s  time left: about {fewest} to {most} {end}",
        f" 2h00m  time left: this phase takes longer than usual; about 0 to 1 {end}",
        f" 2h02m  phase: {Phase.READY.title}",
    ]
