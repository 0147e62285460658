"""Values of JSON documents whose fields may be missing, null or of another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


def mapping_of(value: object) -> Mapping[str, Any]:
    """Return an object; an empty one for any other value."""
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def list_of(value: object) -> list[Any]:
    """Return an array; an empty one for any other value."""
    return cast(list[Any], value) if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a string or a number as text; an empty text for any other value."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""
