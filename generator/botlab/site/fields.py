"""Where a path of the site file leads in the model, and an example of what may stand there."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, get_args

import yaml
from pydantic.fields import FieldInfo

from ..findings import KeyPath
from .base import Part
from .model import Site

_NOTHING: tuple[Any, ...] = (None, "", [], {})


def field_at(path: KeyPath) -> FieldInfo | None:
    """Return the field that a path of the site file leads to."""
    return _walk(path)[0]


def known_keys(path: KeyPath) -> set[str]:
    """Return the keys of the mapping that a path leads to; none where it leads to no section."""
    model = _walk(path)[1]
    return set(_fields(model)) if model else set()


def example_at(path: KeyPath) -> str:
    """Return an example of what may stand at a path, as YAML; empty where nobody wrote one."""
    field, _, beyond = _walk(path)
    found = _example(field) if field else None
    for _ in beyond:
        found = _first(found)
    return "" if found in _NOTHING else _text(found)


def _walk(path: KeyPath) -> tuple[FieldInfo | None, type[Part] | None, KeyPath]:
    """Return the last field on a path, the section in it, and the names and indexes behind it."""
    model: type[Part] | None = Site
    field: FieldInfo | None = None
    last = 0
    for place, part in enumerate(path, 1):
        found = _fields(model).get(str(part)) if model else None
        if found is not None:  # else a name or an index inside the field
            field, model, last = found, _inner(found.annotation), place
    return field, model, path[last:]


def _fields(model: type[Part]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _inner(annotation: Any) -> type[Part] | None:
    """Return the Part that a field's annotation holds, behind lists, mappings and None."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    parts = (_inner(argument) for argument in get_args(annotation))
    return next((part for part in parts if part is not None), None)


def _example(field: FieldInfo) -> Any:
    """Return the field's own example, else what a section must hold, else its default."""
    if field.examples:
        return field.examples[0]
    section = _inner(field.annotation)
    return _section(section) if section else _default(field)


def _section(section: type[Part]) -> dict[str, Any]:
    """Return a section with what it must hold; where that is nothing, with one key."""
    fields = _fields(section)
    must = [key for key, field in fields.items() if field.is_required()]
    may = [key for key, field in fields.items() if _default(field) not in _NOTHING]
    chosen = must or may[:1] or list(fields)[:1]
    return {key: _example(fields[key]) for key in chosen}


def _first(found: Any) -> Any:
    """Return what stands at an example's first name or index, whichever the path has."""
    values: list[Any] = []
    if isinstance(found, dict | list):
        values += found.values() if isinstance(found, dict) else found  # pyright: ignore[reportUnknownMemberType]
    return values[0] if values else found  # pyright: ignore[reportUnknownVariableType]


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() else field.get_default()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    text = yaml.safe_dump(_plain(value), default_flow_style=True, sort_keys=False, width=9999)
    return text.removesuffix("\n").removesuffix("\n...")


def _plain(value: Any) -> Any:
    """Return a value of the model as YAML has it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return value if isinstance(value, str | bool | int | float) else str(value)
