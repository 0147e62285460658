"""The answer of a charm's action ``verify``: ``{"ok": bool, "checks": [...], "failures": [...]}``.

Each of the three is a result of the action, as JSON text.
"""

from __future__ import annotations

import json

from ..fields import JsonObject, as_mappings, shortened, text_at
from ..results import ActionResult
from .report import Check

ACTION = "verify"
_MOST_CHECKS = 1000
_LONGEST_MESSAGE = 2000


def checks_of_action(action: ActionResult, unit: str, command: str) -> list[Check]:
    """Return the checks of an action that has ended.

    A failure that no check shows is a check of its own, so that the action is never taken for
    better than it says.

    Args:
        action: The result of the action.
        unit: The unit that ran it.
        command: The command with which people run the action.
    """
    checks = [_check(entry, unit) for entry in _entries(action)]
    failure = _failure(action, checks, command)
    return [*checks, Check(ACTION, False, failure, unit)] if failure else checks


def _entries(action: ActionResult) -> list[JsonObject]:
    entries = as_mappings(_decoded(action.results.get("checks")))
    return [entry for entry in entries if text_at(entry, "name")][:_MOST_CHECKS]


def _check(entry: JsonObject, unit: str) -> Check:
    name = shortened(text_at(entry, "name"))
    message = shortened(text_at(entry, "message"), _LONGEST_MESSAGE)
    return Check(name, entry.get("ok") is True, message, unit)


def _failure(action: ActionResult, checks: list[Check], command: str) -> str:
    """Return why an action failed that has no failed check; empty for no reason."""
    if not all(check.is_ok for check in checks):
        return ""
    message = shortened(action.message, _LONGEST_MESSAGE)
    if not action.is_successful:
        return message or f"the action has the status {action.status} and gives no reason"
    if _decoded(action.results.get("ok")) is True and checks:
        return ""
    if checks:
        return f"the charm reports a failure that is no check; run {command}"
    return f"the answer has no checks that can be read; run {command} to see it"


def _decoded(result: object) -> object:
    """Return the value of a result, which is JSON text; None for text that is not JSON."""
    if not isinstance(result, str):
        return result
    try:
        return json.loads(result)
    except (ValueError, RecursionError):
        return None
