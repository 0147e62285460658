"""Requests and results of the Action facade.

python-libjuju 2.9 speaks version 2, where ``Enqueue`` and ``Run`` answer with ``results``.
python-libjuju 3 speaks version 7, where ``EnqueueOperation`` and ``Run`` answer with ``actions``.
In both, ``Actions`` is asked until the action has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...json_values import list_of, mapping_of, text_of
from ..errors import CommandFailedError
from ..results import UNFINISHED, ActionResult, CommandResult, charm_results

_FIRST_WITH_OPERATIONS = 7
# An entry without a status is of an action that the controller has not described yet.
_RUNNING = UNFINISHED | {""}


def enqueue_method(version: int) -> str:
    """Return the method that starts actions."""
    return "EnqueueOperation" if version >= _FIRST_WITH_OPERATIONS else "Enqueue"


def started_action(call: str, answer: Mapping[str, Any]) -> str:
    """Return the tag of the action that a call has started.

    Raises:
        CommandFailedError: When the controller refused it.
    """
    entries = list_of(answer.get("actions")) or list_of(answer.get("results"))
    entry = mapping_of(next(iter(entries), None))
    error = mapping_of(entry.get("error"))
    tag = text_of(mapping_of(entry.get("action")).get("tag"))
    if error or not tag:
        raise CommandFailedError(call, 1, text_of(error.get("message")) or "no action was started")
    return tag if tag.startswith("action-") else f"action-{tag}"


def finished_action(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the result in an answer of ``Actions``; None while the action runs."""
    entry = mapping_of(next(iter(list_of(answer.get("results"))), None))
    return None if text_of(entry.get("status")) in _RUNNING else entry


def action_result(unit: str, entry: Mapping[str, Any]) -> ActionResult:
    """Return the result of an action.

    Args:
        unit: The unit that ran it.
        entry: Its entry in the answer of ``Actions``.
    """
    return ActionResult(
        unit=unit,
        status=text_of(entry.get("status")),
        message=text_of(entry.get("message")),
        results=charm_results(entry.get("output")),
        log=tuple(text_of(mapping_of(line).get("message")) for line in list_of(entry.get("log"))),
    )


def command_result(unit: str, entry: Mapping[str, Any]) -> CommandResult:
    """Return the result of a command on a unit.

    Args:
        unit: The unit that ran it.
        entry: Its entry in the answer of ``Actions``.

    Raises:
        CommandFailedError: When Juju could not run the command.
    """
    output = mapping_of(entry.get("output"))
    code = text_of(output.get("return-code", output.get("Code", "")))
    if not code and text_of(entry.get("status")) != "completed":
        raise CommandFailedError(f"exec on {unit}", 1, text_of(entry.get("message")))
    return CommandResult(
        unit,
        int(float(code or 0)),
        text_of(output.get("stdout", output.get("Stdout"))),
        text_of(output.get("stderr", output.get("Stderr"))),
    )
