"""The steps of ``botlab deploy`` before and after ``juju deploy``."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from botlab.cli.commands.preflight import print_report
from botlab.cli.deploy_steps import lab_steps
from botlab.cli.parser import build_parser
from botlab.live.deploy import LabSteps, StepStatus
from botlab.live.errors import CallTimedOutError
from botlab.live.preflight.check import Check, PreflightReport, failed, passed, skipped
from botlab.live.results import ActionResult
from botlab.live.status.model import StatusInfo
from botlab.live.time_limits import Deadline
from helpers.fake_time import FakeTime
from helpers.kubeconfigs import kubeconfig_text
from helpers.live_models import FakeModel, example_lab, ready_status, with_unit
from helpers.small_labs import empty_lab
from helpers.terminals import Terminal

LAB = example_lab()
READY = ready_status(LAB)


KUBECONFIG = ("kubernetes-control-plane/leader", "get-kubeconfig")


def steps_of_example(directory: Path, stream: io.StringIO) -> LabSteps:
    """Return the steps for the example, whose kubeconfig is written into a directory."""
    arguments = build_parser().parse_args(["deploy", str(directory / "site.yaml")])
    return lab_steps(arguments, LAB, stream)


@pytest.mark.parametrize("generation", ["3.6", "4.0"])
def test_preflight_prints_what_failed_and_how_to_fix_it(tmp_path: Path, generation: str) -> None:
    """A model of Juju 4 without SSH keys."""
    lab, stream = empty_lab(tmp_path, generation), io.StringIO()
    arguments = build_parser().parse_args(["deploy", str(lab.path)])
    outcome = lab_steps(arguments, lab.lab, stream).run_preflight(lab.model, "")

    assert outcome.name == "preflight"
    lines = stream.getvalue().splitlines()
    if generation == "3.6":
        assert lines[0] == "skipped MAAS: not checked"
        assert outcome.status is StepStatus.DONE
        assert outcome.message == "everything is ready for the deployment"
    else:
        assert lines[0].startswith("FAILED  ssh keys: the model has no SSH key, ")
        assert lines[1].startswith("        fix: ")
        assert outcome.status is StepStatus.FAILED
        assert outcome.message == (
            "1 check failed; fix the cause and repeat the command, or deploy anyway with --force"
        )


def test_lab_that_is_ready_ends_the_wait(tmp_path: Path) -> None:
    stream = io.StringIO()

    outcome = steps_of_example(tmp_path, stream).wait(FakeModel([READY]), Deadline(60))

    assert (outcome.name, outcome.status) == ("wait", StepStatus.DONE)
    assert outcome.message == "modern is ready (waited 0s)"


def test_units_that_are_not_ready_are_printed(tmp_path: Path) -> None:
    stream = io.StringIO()
    status = with_unit(READY, "etcd/0", workload=StatusInfo("error", 'hook failed: "start"'))

    outcome = steps_of_example(tmp_path, stream).wait(FakeModel([status]), FakeTime().deadline(0))

    assert outcome.status is StepStatus.TIMED_OUT
    assert outcome.message.startswith("modern is not ready after 0s: ")
    assert '  etcd/0 error: hook failed: "start"' in stream.getvalue()
    assert "        fix: " in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "status"), [(60, StepStatus.TIMED_OUT), (600, StepStatus.FAILED)]
)
def test_verification_at_the_deadline_has_timed_out(
    tmp_path: Path, seconds: float, status: StepStatus
) -> None:
    stream = io.StringIO()
    model = FakeModel([READY], actions={KUBECONFIG: CallTimedOutError("juju run", 57)})

    outcome = steps_of_example(tmp_path, stream).verify(model, Deadline(seconds))

    assert (outcome.name, outcome.status) == ("verify", status)
    assert outcome.message == "6 checks, 6 failed"
    assert stream.getvalue().splitlines()[0] == (
        "FAILED  nvidia-runtime/0 verify: nvidia-runtime/0 has no action verify"
    )


def test_lab_without_a_control_plane_has_no_kubeconfig(tmp_path: Path) -> None:
    lab = empty_lab(tmp_path, "3.6")
    arguments = build_parser().parse_args(["deploy", str(lab.path)])

    outcome = lab_steps(arguments, lab.lab, io.StringIO()).kubeconfig(lab.model, Deadline(60))

    assert (outcome.name, outcome.status) == ("kubeconfig", StepStatus.SKIPPED)
    assert outcome.message == "skipped, because the lab has no control plane of Kubernetes"


def test_kubeconfig_that_cannot_be_fetched_fails(tmp_path: Path) -> None:
    outcome = steps_of_example(tmp_path, io.StringIO()).kubeconfig(
        FakeModel([READY]), Deadline(60)
    )

    assert (outcome.name, outcome.status) == ("kubeconfig", StepStatus.FAILED)
    assert "has no action get-kubeconfig" in outcome.message


def test_kubeconfig_is_written_beside_the_site(tmp_path: Path) -> None:
    """A second run changes nothing."""
    result = ActionResult(KUBECONFIG[0], "completed", results={"kubeconfig": kubeconfig_text()})
    file = tmp_path / f"{LAB.name}.kubeconfig"
    steps = steps_of_example(tmp_path, io.StringIO())

    for change, is_changed in (("written", True), ("up to date", False)):
        outcome = steps.kubeconfig(FakeModel([READY], actions={KUBECONFIG: result}), Deadline(60))

        assert outcome.as_json() == {
            "name": "kubeconfig",
            "status": "done",
            "message": f"{file} is {change}; use it: kubectl --kubeconfig {file} get nodes",
            "details": {"file": str(file), "context": LAB.name, "changed": is_changed},
        }
    assert file.stat().st_mode & 0o777 == 0o600


def test_kubeconfig_that_takes_too_long_has_timed_out(tmp_path: Path) -> None:
    late = CallTimedOutError("juju run", 57)
    model = FakeModel([READY], actions={KUBECONFIG: late})

    outcome = steps_of_example(tmp_path, io.StringIO()).kubeconfig(model, Deadline(60))

    assert (outcome.status, outcome.exit_status) == (StepStatus.TIMED_OUT, 3)
    assert outcome.message.endswith("; allow more time with --timeout")


def test_skipped_and_failed_checks_are_marked_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What passed is green, what failed is red, and what was skipped has no colour."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    checks = (
        passed("a", "fine"),
        skipped("b", "not asked", "ask"),
        failed("c", "bad", "replace it"),
    )

    print_report(PreflightReport(checks))

    assert terminal.getvalue() == (
        "\033[32mok      \033[0ma: fine\n"
        "skipped b: not asked\n"
        "        fix: ask\n"
        "\033[31mFAILED  \033[0mc: bad\n"
        "        fix: replace it\n"
        "1 check failed; nothing was changed\n"
    )


@pytest.mark.parametrize(
    ("is_ok", "lines"),
    [
        (True, ["ok      model: fine", "everything is ready for the deployment"]),
        (
            False,
            [
                "FAILED  model: absent",
                "        fix: juju add-model lab",
                "1 check failed; nothing was changed",
            ],
        ),
    ],
)
def test_report_of_preflight_alone(
    is_ok: bool, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    check = Check(
        "model", is_ok, "fine" if is_ok else "absent", "" if is_ok else "juju add-model lab"
    )

    print_report(PreflightReport((check,)))

    assert capsys.readouterr().out.splitlines() == lines
