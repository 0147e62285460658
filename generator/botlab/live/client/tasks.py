"""The results of actions and of commands on units, in the forms of each release of the client.

=========  =============================================  ==================================
release    an action                                      a command on a unit
=========  =============================================  ==================================
2.6        ``{unit-mysql-0: {id, unit, status, ...}}``    ``[{UnitId, Stdout, ReturnCode}]``
2.9        ``{unit-mysql-0: {id, UnitId, status, ...}}``  ``[{UnitId, Stdout, ReturnCode}]``
3, 4       ``{mysql/0: {id, unit, status, ...}}``         as an action, with a return-code
=========  =============================================  ==================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...json_values import list_of, mapping_of, text_of
from ..errors import CallTimedOutError, CommandFailedError, LiveError
from ..results import UNFINISHED, ActionResult, CommandResult, charm_results


class TaskTimedOutError(CallTimedOutError):
    """An action that does not end in time. It goes on on its unit.

    Args:
        call: The call.
        unit: The unit.
        seconds: The time limit.
        show: The command that shows the task.
    """

    def __init__(self, call: str, unit: str, seconds: float, show: str) -> None:
        super().__init__(call, seconds)
        self.message = (
            f"{call}: {unit} has no result after {seconds:g} seconds and still works on it; show"
            f" the result later with `{show}`"
        )
        self.args = (self.message,)


def action_result(call: str, unit: str, document: Mapping[str, Any]) -> ActionResult:
    """Return the result of an action.

    Args:
        call: The call, for errors.
        unit: The unit that was asked.
        document: What the client printed, of any release.

    Raises:
        LiveError: When the client could not start the action.
    """
    errors = mapping_of(document.get("errors"))
    if errors:
        raise CommandFailedError(call, 1, "; ".join(map(text_of, errors.values())))
    body = _first_body(call, unit, document.values())
    return ActionResult(
        unit=_first_text(body, "unit", "UnitId") or unit,
        status=_first_text(body, "status") or "unknown",
        message=_first_text(body, "message", "error"),
        results=charm_results(body.get("results")),
        log=tuple(map(text_of, list_of(body.get("log")))),
    )


def task_id(document: Mapping[str, Any]) -> str:
    """Return the id of the action that the client printed; empty if it printed none."""
    bodies = map(mapping_of, document.values())
    return next((number for body in bodies if (number := text_of(body.get("id")))), "")


def is_unfinished(result: ActionResult) -> bool:
    """Whether the client of Juju 2 stopped waiting before the action ended."""
    return result.status in UNFINISHED


def command_result(call: str, unit: str, document: object) -> CommandResult:
    """Return the result of a command on a unit.

    Args:
        call: The call, for errors.
        unit: The unit that was asked.
        document: What the client printed, of any release.

    Raises:
        LiveError: When the command could not be started.
    """
    body = _first_body(call, unit, [*mapping_of(document).values(), *list_of(document)])
    fields = {**body, **mapping_of(body.get("results"))}
    code = _first_text(fields, "return-code", "ReturnCode", "Code")
    _check_command(call, body, has_code=bool(code))
    return CommandResult(
        unit=_first_text(body, "unit", "UnitId") or unit,
        status=int(code) if code.lstrip("-").isdecimal() else 0,
        stdout=_first_text(fields, "stdout", "Stdout"),
        stderr=_first_text(fields, "stderr", "Stderr"),
    )


def _check_command(call: str, body: Mapping[str, Any], *, has_code: bool) -> None:
    """Check that a command has run. Juju 2 leaves the exit status 0 out, and has no status."""
    error = _first_text(body, "Error", "error")
    is_failed = not has_code and _first_text(body, "status") not in ("", "completed")
    if error or is_failed:
        raise CommandFailedError(call, 1, error or _first_text(body, "message", "status"))


def _first_body(call: str, unit: str, values: Iterable[object]) -> Mapping[str, Any]:
    for value in values:
        if body := mapping_of(value):
            return body
    raise LiveError(f"{call}: the client printed no result for {unit}; repeat the command")


def _first_text(fields: Mapping[str, Any], *names: str) -> str:
    """Return the first text that is not empty."""
    return next((text for name in names if (text := text_of(fields.get(name)))), "")
