"""The answer of the charms' action verify, whole and damaged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botlab.live.results import ActionResult
from botlab.live.verify.answers import checks_of_action
from botlab.live.verify.report import Check

UNIT = "metallb/0"
COMMAND = "juju run metallb/0 verify -m maas:lab"
PASSED = {"name": "pods", "ok": True, "message": "2 pods are ready"}
FAILED = {"name": "pools", "ok": False, "message": "no address is free"}
UNREADABLE = Check(
    "verify",
    False,
    "the answer has no checks that can be read; run juju run metallb/0 verify -m"
    " maas:lab to see it",
    UNIT,
)


def action(status: str = "completed", message: str = "", **results: Any) -> ActionResult:
    """Return an action with results as JSON texts."""
    texts = {key: json.dumps(entry) for key, entry in results.items()}
    return ActionResult(UNIT, status, message, texts)


def test_checks_that_passed_are_returned_with_their_unit() -> None:
    assert checks_of_action(action(ok=True, checks=[PASSED], failures=[]), UNIT, COMMAND) == [
        Check("pods", True, "2 pods are ready", UNIT)
    ]


def test_failed_action_has_its_checks() -> None:
    """The message of the action only repeats the messages of failed checks."""
    result = action(
        "failed", "no address is free", ok=False, checks=[PASSED, FAILED], failures=["..."]
    )
    assert checks_of_action(result, UNIT, COMMAND) == [
        Check("pods", True, "2 pods are ready", UNIT),
        Check("pools", False, "no address is free", UNIT),
    ]


@pytest.mark.parametrize("status", ["failed", "error", "cancelled", "aborted", "unknown"])
def test_action_that_does_not_complete_is_a_failed_check(status: str) -> None:
    """A blocked charm fails before it checks anything."""
    assert checks_of_action(action(status, "no address pool; set\naddresses"), UNIT, COMMAND) == [
        Check("verify", False, "no address pool; set addresses", UNIT)
    ]
    assert checks_of_action(action(status), UNIT, COMMAND) == [
        Check("verify", False, f"the action has the status {status} and gives no reason", UNIT)
    ]


def test_cancelled_action_is_not_healthy_because_its_checks_passed() -> None:
    result = action("cancelled", "by the user", ok=True, checks=[PASSED])

    assert checks_of_action(result, UNIT, COMMAND)[-1] == Check(
        "verify", False, "by the user", UNIT
    )


def test_failure_that_is_no_check_is_reported() -> None:
    assert checks_of_action(action(ok=False, checks=[PASSED]), UNIT, COMMAND)[-1] == Check(
        "verify",
        False,
        "the charm reports a failure that is no check; run juju run metallb/0 verify -m maas:lab",
        UNIT,
    )


@pytest.mark.parametrize(
    "results",
    [
        {},
        {"ok": "true"},
        {"ok": "true", "checks": "[]"},
        {"ok": "true", "checks": '[{"name": "pods", "ok": tr'},
        {"ok": "true", "checks": '{"name": "pods"}'},
        {"ok": "true", "checks": "[1, null, {}]"},
        {"ok": "true", "checks": "[" * 100_000},
        {"ok": "true", "checks": None},
    ],
    ids=["none", "no checks", "empty", "half", "mapping", "no names", "deep", "null"],
)
def test_answer_that_cannot_be_read_is_a_failed_check(results: dict[str, Any]) -> None:
    assert checks_of_action(ActionResult(UNIT, "completed", "", results), UNIT, COMMAND) == [
        UNREADABLE
    ]


@pytest.mark.parametrize("ok", ["true", 1, None, "yes"])
def test_check_passes_only_with_true(ok: object) -> None:
    """A text is no boolean."""
    result = action(ok=True, checks=[{**PASSED, "ok": ok}])

    assert checks_of_action(result, UNIT, COMMAND) == [
        Check("pods", False, "2 pods are ready", UNIT)
    ]


def test_results_that_a_backend_has_decoded_are_read() -> None:
    result = ActionResult(UNIT, "completed", "", {"ok": True, "checks": [PASSED]})

    assert checks_of_action(result, UNIT, COMMAND) == [
        Check("pods", True, "2 pods are ready", UNIT)
    ]


def test_long_answer_is_cut() -> None:
    entries = [{**PASSED, "message": "x" * 3000}] * 2000

    checks = checks_of_action(action(ok=True, checks=entries), UNIT, COMMAND)

    assert len(checks) == 1000
    assert checks[0].message == "x" * 1997 + "..."
