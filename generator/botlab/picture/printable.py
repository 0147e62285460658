"""The texts of a picture with all unprintable characters made visible."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, cast

from ..bundle.relation import RelationEnd
from ..visible_text import visible
from .model import LabPicture


def printable(picture: LabPicture) -> LabPicture:
    r"""Return a picture without control characters, line breaks and changes of direction.

    Texts are measured after this, because an escape such as ``\x1b`` is wider than the character.
    """
    return _printable(picture)


def _printable(part: Any) -> Any:
    if isinstance(part, str):
        return visible(part)
    if isinstance(part, RelationEnd):
        return RelationEnd(visible(part.application), visible(part.relation))
    if isinstance(part, tuple):
        return tuple(map(_printable, cast("tuple[Any, ...]", part)))
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return type(part)(*(_printable(getattr(part, name)) for name in _fields(type(part))))
    return part


@functools.cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))
