"""The progress of a wait as lines."""

from __future__ import annotations

from botlab.live.status.model import ModelStatus, StatusInfo
from botlab.live.wait.phases import current_phase
from botlab.live.wait.progress import Progress
from botlab.live.wait.progress_lines import ProgressLine, changed_lines, progress_lines
from botlab.live.wait.readiness import readiness
from helpers.live_models import example_lab, ready_status, with_machine, with_unit, without_units

LAB = example_lab()
READY = ready_status(LAB)


def lines_of(status: ModelStatus) -> list[ProgressLine]:
    """Return the lines for a status."""
    state = readiness(LAB, status)
    return progress_lines(Progress(0, state, current_phase(LAB, state)))


def line_of(status: ModelStatus, subject: str) -> ProgressLine:
    """Return the line about a subject."""
    (line,) = (line for line in lines_of(status) if line.subject == subject)
    return line


def test_lines_begin_with_the_phase_and_the_machines() -> None:
    assert [str(line) for line in lines_of(READY)][:6] == [
        "controller: answers",
        "phase: everything is ready",
        "machines: 5 of 5 started",
        "containers: 2 of 2 started",
        "easyrsa: ready (1 of 1)",
        "etcd: ready (3 of 3)",
    ]


def test_machine_that_is_installed_is_shown_with_the_text_of_maas() -> None:
    status = with_machine(
        READY, "4", agent=StatusInfo("pending"), instance=StatusInfo("allocating", "Deploying")
    )
    assert line_of(status, "machines") == ProgressLine("machines", "4 of 5 started; 4 Deploying")


def test_blocked_unit_is_serious_and_comes_first() -> None:
    status = with_unit(READY, "etcd/0", workload=StatusInfo("waiting", "for certificates"))
    status = with_unit(status, "etcd/2", workload=StatusInfo("blocked", "no certificates"))

    assert line_of(status, "etcd") == ProgressLine(
        "etcd",
        "1 of 3 ready; etcd/2 blocked: no certificates; etcd/0 waiting: for certificates",
        is_serious=True,
    )


def test_only_three_units_of_an_application_are_described() -> None:
    status = READY
    for number in range(4):
        status = with_unit(status, f"calico/{number}", workload=StatusInfo("maintenance"))

    assert line_of(status, "calico").text == (
        "0 of 4 ready; calico/0 maintenance; calico/1 maintenance; calico/2 maintenance; and"
        " 1 more"
    )


def test_units_that_do_not_exist_are_counted() -> None:
    assert line_of(without_units(READY, "etcd/2"), "etcd").text == (
        "2 of 3 ready; 1 of 3 units do not exist"
    )


def test_only_lines_that_changed_are_printed_again() -> None:
    printed = {line.subject: line for line in lines_of(READY)}
    status = with_unit(READY, "etcd/0", workload=StatusInfo("maintenance", "upgrading"))

    assert [str(line) for line in changed_lines(lines_of(status), printed)] == [
        "phase: the charms of the cluster install Kubernetes",
        "etcd: 2 of 3 ready; etcd/0 maintenance: upgrading",
    ]


def test_hooks_are_only_shown_on_request() -> None:
    status = with_unit(
        READY, "etcd/0", agent=StatusInfo("executing", "running db-relation-changed hook")
    )
    state = readiness(LAB, status)
    progress = Progress(0, state, current_phase(LAB, state))
    texts = {line.subject: line.text for line in progress_lines(progress, with_hooks=True)}

    assert line_of(status, "etcd").text == "ready (3 of 3)"
    assert texts["etcd"] == "2 of 3 ready; etcd/0 active: ready (running db-relation-changed hook)"


def test_hook_of_a_unit_that_installs_is_no_change_of_its_line() -> None:
    lines = {
        line_of(
            with_unit(
                READY,
                "etcd/0",
                workload=StatusInfo("maintenance", "installing"),
                agent=StatusInfo("executing", f"running {hook} hook"),
            ),
            "etcd",
        ).text
        for hook in ("install", "config-changed")
    }
    assert lines == {"2 of 3 ready; etcd/0 maintenance: installing"}


def test_subordinate_whose_principals_do_not_exist_is_not_ready() -> None:
    status = without_units(READY, *(name for name in READY.units if name[-2] == "/"))

    assert line_of(status, "calico").text == "0 of 4 ready; its principal units do not exist yet"
