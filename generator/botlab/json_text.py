"""The reader of JSON texts, with the limits of :mod:`botlab.yaml_limits`.

Python's own parser accepts numbers and texts that JSON does not have, stops at deep nesting with
an error of its own, and refuses integers of more than 4,300 digits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, cast

from .decimals import GREATEST_UINT, bounded_int
from .errors import BotlabError, FileError
from .yaml_limits import MAX_DEPTH, MAX_NODES

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def load_json(text: str, name: str) -> Any:
    """Return the value of a JSON text.

    An integer that has more than 64 bits is read as the first number above them.

    Args:
        text: The JSON text.
        name: The text's name in error messages.

    Raises:
        BotlabError: When the text is not JSON or exceeds a limit.
    """
    _refuse_many_values(text, name)
    try:
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_float
        )
    except RecursionError:
        raise _too_deep(name) from None
    except json.JSONDecodeError as error:
        message = f"{name}: is not valid JSON: {error}"
        raise BotlabError(message, name, error.lineno, error.colno) from None
    except ValueError as error:
        raise FileError(name, f"is not valid JSON: {error}") from None
    _refuse_depth(value, name)
    if _SURROGATE.search(text):
        _refuse_half_characters(value, name)
    return value


def _refuse_many_values(text: str, name: str) -> None:
    """Refuse a text with more than MAX_NODES values, before they take memory.

    Each value but the first one, with its key, follows a comma or a bracket. Only a text that has
    many of these characters is searched for those outside of strings.
    """
    if _separators(text) > MAX_NODES and _separators(_STRING.sub("", text)) > MAX_NODES:
        raise FileError(name, f"has more than {MAX_NODES:,} values; split the file")


def _separators(text: str) -> int:
    return sum(map(text.count, ",[{"))


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number of JSON")


def _integer(text: str) -> int:
    magnitude = bounded_int(text.lstrip("-"), GREATEST_UINT + 1)
    return -magnitude if text.startswith("-") else magnitude


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large for a number")
    return number


def _refuse_depth(value: Any, name: str) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise _too_deep(name)


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from cast("dict[str, Any]", node).values()
    elif isinstance(node, list):
        yield from cast("list[Any]", node)


def _too_deep(name: str) -> BotlabError:
    return FileError(
        name, f"is not valid JSON: it is nested too deeply, more than {MAX_DEPTH} levels"
    )


def _refuse_half_characters(value: Any, name: str) -> None:
    """Refuse half of a surrogate pair, which is no character and cannot be written."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise FileError(name, f"{half!a} is half of a character") from None
