"""Applications get the right to read the secrets in their options, also by a second run."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.live.deploy import DeployReport
from helpers.deploy_runs import Conversation, DeployRun
from helpers.scripted_juju import Fault
from helpers.small_labs import DeployedLab, empty_lab

URI = "secret:abc"
GRANT = f"juju grant-secret {URI} store,web"


def lab_with_secret(
    directory: Path, generation: str = "3.6", *, exists: bool = True
) -> DeployedLab:
    """Return a lab whose applications have a secret of an empty model in their options."""
    lab = empty_lab(directory, generation)
    for name in ("web", "store"):
        lab.rewrite(**{name: {"options": {"admin-password": URI}}})
    with lab.juju.state() as state:
        state["models"]["botlab"]["secrets"] = {"abc": {"revision": 1}} if exists else {}
    return lab


def readers(lab: DeployedLab) -> dict[str, list[str] | None]:
    """Return the secrets that each application may read."""
    with lab.juju.state() as state:
        applications = state["models"]["botlab"]["applications"]
        return {name: body.get("secrets") for name, body in applications.items()}


def commands_of(report: DeployReport) -> list[str]:
    """Return the commands of the step that grants secrets."""
    steps = [step for step in report.steps if step.name == "grant"]
    return [command for step in steps for command in step.details.get("commands", [])]


GRANTED = {"web": [URI], "store": [URI], "agent": None}


@pytest.mark.parametrize("exists", [True, False])
def test_secrets_in_options_are_granted_after_the_deployment(tmp_path: Path, exists: bool) -> None:
    """Applications that do not exist yet cannot get them. A second run grants nothing."""
    run = DeployRun(lab_with_secret(tmp_path, exists=exists), Conversation(answers=[True]))

    assert commands_of(run.deploy(yes=False)) == [GRANT]

    lines = run.conversation.lines
    shown = next(line for line in lines if GRANT in line)
    assert lines.index(shown) < lines.index(f"running {GRANT}")
    assert readers(run.lab) == GRANTED
    again = DeployRun(run.lab).deploy()
    assert commands_of(again) == []
    assert again.steps[0].message == "the model is what the site says"


@pytest.mark.parametrize("generation", ["3.6", "4.0"])
def test_second_run_grants_what_an_interrupted_one_has_not(
    tmp_path: Path, generation: str
) -> None:
    """Everything else was deployed already. The user is asked."""
    first = DeployRun(lab_with_secret(tmp_path, generation))
    first.lab.juju.fail(Fault.error("grant-secret", "no permission").for_calls(1))
    assert first.deploy().exit_status == 1

    second = DeployRun(first.lab, Conversation(answers=[True]))
    report = second.deploy(yes=False)

    assert commands_of(report) == [GRANT]
    assert second.conversation.questions == ["Change the model maas:botlab as shown?"]
    assert [(step.name, step.status.value) for step in report.steps if step.name == "deploy"] == [
        ("deploy", "skipped")
    ]
    assert readers(first.lab) == GRANTED
    assert first.lab.juju.violations == []


def test_only_applications_without_the_right_get_it(tmp_path: Path) -> None:
    """As after a run that was interrupted between two secrets."""
    run = DeployRun(lab_with_secret(tmp_path))
    run.deploy()
    with run.lab.juju.state() as state:
        del state["models"]["botlab"]["applications"]["store"]["secrets"]

    assert commands_of(DeployRun(run.lab).deploy()) == [f"juju grant-secret {URI} store"]


@pytest.mark.parametrize("answer", ["", "[]", "null", '{"abc": 1}', '{"abc": {"access": {}}}'])
def test_damaged_answer_about_a_secret_does_not_stop_the_deployment(
    tmp_path: Path, answer: str
) -> None:
    """To grant a secret again changes nothing."""
    run = DeployRun(lab_with_secret(tmp_path))
    run.lab.juju.fail(Fault.answer("show-secret", stdout=answer))

    assert commands_of(run.deploy()) == [GRANT]
