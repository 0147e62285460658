"""The results of actions and of commands on units, as each release prints them."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.live.client.tasks import (
    TaskTimedOutError,
    action_result,
    command_result,
    is_unfinished,
    task_id,
)
from botlab.live.errors import CallTimedOutError, CommandFailedError, LiveError
from botlab.live.results import ActionResult, CommandResult

# The forms are those of cmd/juju/action of each release; 4.0 was recorded.
ACTION_2_6 = {
    "unit-metallb-0": {
        "id": "f47ac10b-58cc-4372-8567-0e02b2c3d479",
        "unit": "metallb/0",
        "status": "completed",
        "results": {"ok": "true", "pool": {"first": "192.0.2.1"}},
        "timing": {"completed": "2026-11-20 10:00:00 +0000 UTC"},
    }
}
ACTION_2_9 = {
    "unit-metallb-0": {
        "id": "12",
        "UnitId": "metallb/0",
        "status": "completed",
        "results": {"ok": "true", "pool": {"first": "192.0.2.1"}, "Stdout": "text", "Code": "0"},
        "log": ["2026-11-20 10:00:00 +0000 UTC checking"],
    }
}
ACTION_3 = {
    "metallb/0": {
        "id": "12",
        "unit": "metallb/0",
        "status": "completed",
        "results": {
            "ok": "true",
            "pool": {"first": "192.0.2.1"},
            "return-code": 0,
            "stdout": "text",
            "stderr": "text",
        },
        "log": ["2026-11-20 10:00:00 +0000 UTC checking"],
    }
}
RESULTS = {"ok": "true", "pool": {"first": "192.0.2.1"}}


@pytest.mark.parametrize(
    ("document", "log"),
    [
        (ACTION_2_6, ()),
        (ACTION_2_9, ("2026-11-20 10:00:00 +0000 UTC checking",)),
        (ACTION_3, ("2026-11-20 10:00:00 +0000 UTC checking",)),
    ],
)
def test_action_has_the_results_of_the_charm_only(
    document: dict[str, Any], log: tuple[str, ...]
) -> None:
    result = action_result("juju run", "metallb/leader", document)
    assert result == ActionResult("metallb/0", "completed", results=RESULTS, log=log)
    assert result.is_successful


@pytest.mark.parametrize("status", ["failed", "error", "cancelled", "aborted"])
def test_action_that_did_not_succeed(status: str) -> None:
    body = {"id": "3", "message": "asked to fail", "results": {"return-code": 0}, "status": status}
    result = action_result("juju run", "tiny/2", {"tiny/2": body})
    assert result == ActionResult("tiny/2", status, "asked to fail")
    assert not result.is_successful


def test_refused_parameter_of_an_action_is_an_error_without_results() -> None:
    message = 'cannot run "verify" action: validation failed: (root)'
    document = {"metallb/0": {"id": "11", "message": message, "status": "error"}}
    result = action_result("juju run", "metallb/0", document)
    assert (result.status, result.message, result.results) == ("error", message, {})


def test_action_that_juju_2_cannot_start() -> None:
    document = {"errors": {"0": 'unit "metallb/9" not found'}}
    with pytest.raises(CommandFailedError, match=r'^juju run-action: unit "metallb/9" not found$'):
        action_result("juju run-action", "metallb/9", document)


@pytest.mark.parametrize(("status", "unfinished"), [("running", True), ("pending", True)])
def test_action_that_juju_2_no_longer_waits_for(status: str, unfinished: bool) -> None:
    document = {"unit-a-0": {"id": "7", "UnitId": "a/0", "status": status}}
    assert is_unfinished(action_result("juju run-action", "a/0", document)) is unfinished
    assert task_id(document) == "7"


def test_finished_action_is_not_unfinished() -> None:
    assert not is_unfinished(action_result("juju run", "metallb/0", ACTION_3))


@pytest.mark.parametrize("document", [{}, {"a/0": None}, {"a/0": "text"}, {"a/0": []}])
def test_document_without_a_result_is_one_error(document: dict[str, Any]) -> None:
    message = r"^juju run: the client printed no result for a/0; repeat the command$"
    with pytest.raises(LiveError, match=message):
        action_result("juju run", "a/0", document)
    with pytest.raises(LiveError, match=message):
        command_result("juju run", "a/0", document)
    assert task_id(document) == ""


@pytest.mark.parametrize(
    "document",
    [
        [{"UnitId": "a/0", "Stdout": "out\n", "Stderr": "err\n", "ReturnCode": 3}],
        {
            "a/0": {
                "id": "8",
                "unit": "a/0",
                "status": "completed",
                "results": {"return-code": 3, "stdout": "out\n", "stderr": "err\n"},
            }
        },
    ],
)
def test_command_has_its_status_and_streams(document: object) -> None:
    assert command_result("juju exec", "a/leader", document) == CommandResult(
        "a/0", 3, "out\n", "err\n"
    )


def test_command_of_juju_2_that_ended_well_has_no_return_code() -> None:
    document = [{"UnitId": "a/0", "Stdout": "out"}]
    assert command_result("juju run", "a/0", document) == CommandResult("a/0", 0, "out")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([{"UnitId": "a/0", "Error": "action terminated", "Action": "7"}], "action terminated"),
        (
            {"a/0": {"unit": "a/0", "status": "error", "message": "agent lost"}},
            "agent lost",
        ),
        ({"a/0": {"unit": "a/0", "status": "cancelled"}}, "cancelled"),
    ],
)
def test_command_that_did_not_run_is_an_error(document: object, message: str) -> None:
    with pytest.raises(CommandFailedError, match=f"^juju exec: {message}$"):
        command_result("juju exec", "a/0", document)


def test_late_task_names_the_command_that_shows_it() -> None:
    error = TaskTimedOutError("juju run a/0 verify", "a/0", 60, "juju show-task 7")
    assert isinstance(error, CallTimedOutError)
    assert str(error) == (
        "juju run a/0 verify: a/0 has no result after 60 seconds and still works on it; show the"
        " result later with `juju show-task 7`"
    )
    assert error.message == str(error)
