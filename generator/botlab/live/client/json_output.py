"""What the program prints as JSON."""

from __future__ import annotations

import json
from typing import Any, cast

from ...json_values import list_of, mapping_of
from ..errors import LiveError

# Juju's own documents have a depth of about ten.
_DEPTH_LIMIT = 100


class DamagedOutputError(LiveError):
    """Output of the program that is not the expected JSON.

    Args:
        call: The call, such as ``juju status``.
        problem: What is wrong with the output.
    """

    def __init__(self, call: str, problem: str) -> None:
        super().__init__(
            f"{call}: the output is not valid JSON ({problem}); repeat the command, and if it"
            " fails again, run the same juju command in a terminal"
        )


def read_json(call: str, text: str) -> Any:
    """Return the value of a JSON document.

    Args:
        call: The call that printed it, for the error.
        text: The document.

    Raises:
        DamagedOutputError: When it is empty, cut off, or nested too deeply.
    """
    if not text.strip():
        raise DamagedOutputError(call, "it is empty")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise DamagedOutputError(
            call, f"line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise DamagedOutputError(call, "it is nested too deeply") from error
    except ValueError as error:  # a number with thousands of digits
        raise DamagedOutputError(call, str(error).split(";")[0]) from error
    if _depth_exceeds(value, _DEPTH_LIMIT):
        raise DamagedOutputError(call, f"it is nested deeper than {_DEPTH_LIMIT} levels")
    return value


def read_object(call: str, text: str) -> dict[str, Any]:
    """Return a JSON document that is an object.

    Args:
        call: The call that printed it, for the error.
        text: The document.

    Raises:
        DamagedOutputError: When it is not a JSON object.
    """
    value = read_json(call, text)
    if not isinstance(value, dict):
        raise DamagedOutputError(call, f"it is a {type(value).__name__} instead of an object")
    return cast(dict[str, Any], value)


def _depth_exceeds(value: object, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: object) -> list[Any]:
    """Return the objects and arrays in an object or array."""
    children = [*mapping_of(value).values(), *list_of(value)]
    return [child for child in children if isinstance(child, dict | list)]
