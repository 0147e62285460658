"""YAML texts with scalars in a given spelling, such as ``0x1F`` or ``!!str 3``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


class Raw(str):
    """The spelling of a scalar, written as it is."""

    __slots__ = ()


def dump(document: Mapping[str, Any]) -> str:
    """Return the YAML text of a mapping."""
    spellings: list[str] = []
    text = yaml.safe_dump(_marked(document, spellings), sort_keys=False, allow_unicode=True)
    for number, spelling in enumerate(spellings):
        text = text.replace(_mark(number), spelling)
    return text


def _mark(number: int) -> str:
    return f"RAW-{number}-"


def _marked(value: Any, spellings: list[str]) -> Any:
    if isinstance(value, Raw):
        spellings.append(str(value))
        return _mark(len(spellings) - 1)
    if isinstance(value, dict):
        return {_marked(key, spellings): _marked(item, spellings) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item, spellings) for item in value]
    # Copies, because YAML would write a value that occurs twice as an anchor and an alias.
    return value
