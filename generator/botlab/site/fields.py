"""The model's fields and their examples, by key path."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, get_args

import yaml
from pydantic.fields import FieldInfo

from ..findings import KeyPath
from .model import Site
from .section import Section

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def field_at(path: KeyPath) -> FieldInfo | None:
    """Return the field that a key path leads to."""
    return _follow(path)[0]


def section_keys(path: KeyPath) -> set[str]:
    """Return the keys of the section at a key path; none where the path leads to no section."""
    section = _follow(path)[1]
    return set(section_fields(section)) if section else set()


def section_fields(section: type[Section]) -> dict[str, FieldInfo]:
    """Return the fields of a section, by the keys of the site file."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def example_at(path: KeyPath) -> str:
    """Return an example for a key path, as YAML; empty where there is none."""
    field, _, names = _follow(path)
    example = _example(field) if field else None
    for _ in names:
        example = _first_entry(example)
    return "" if example in _EMPTY else _yaml_text(example)


def _follow(path: KeyPath) -> tuple[FieldInfo | None, type[Section] | None, KeyPath]:
    """Return the last field on a path, its section, and the names and indexes after it."""
    section: type[Section] | None = Site
    field: FieldInfo | None = None
    length = 0
    for depth, part in enumerate(path, 1):
        next_field = section_fields(section).get(str(part)) if section else None
        # Other parts are names or indexes within the field.
        if next_field is not None:
            field, section, length = next_field, _section_of(next_field.annotation), depth
    return field, section, path[length:]


def _section_of(annotation: Any) -> type[Section] | None:
    """Return the section in an annotation, also one in a list, a mapping or an optional type."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    sections = (_section_of(argument) for argument in get_args(annotation))
    return next((section for section in sections if section is not None), None)


def _example(field: FieldInfo) -> Any:
    """Return the field's example, or a section's required keys, or the field's default."""
    if field.examples:
        return field.examples[0]
    section = _section_of(field.annotation)
    return _section_example(section) if section else _default(field)


def _section_example(section: type[Section]) -> dict[str, Any]:
    """Return a section with its required keys, or with one key where none is required."""
    fields = section_fields(section)
    required = [key for key, field in fields.items() if field.is_required()]
    with_default = [key for key, field in fields.items() if _default(field) not in _EMPTY]
    keys = required or with_default[:1] or list(fields)[:1]
    return {key: _example(fields[key]) for key in keys}


def _first_entry(example: Any) -> Any:
    """Return the first entry of an example that is a mapping or a list."""
    entries: list[Any] = []
    if isinstance(example, dict | list):
        entries += example.values() if isinstance(example, dict) else example  # pyright: ignore[reportUnknownMemberType]
    return entries[0] if entries else example  # pyright: ignore[reportUnknownVariableType]


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() else field.get_default()


def _yaml_text(example: Any) -> str:
    if isinstance(example, str):
        return example
    plain = _plain(example)
    text = yaml.safe_dump(plain, default_flow_style=True, sort_keys=False, width=9999)
    return text.removesuffix("\n").removesuffix("\n...")


def _plain(example: Any) -> Any:
    """Return a value of the model with the types that YAML has."""
    if isinstance(example, enum.Enum):
        return example.value
    if isinstance(example, Mapping):
        return {key: _plain(entry) for key, entry in example.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(example, list):
        return [_plain(entry) for entry in example]  # pyright: ignore[reportUnknownVariableType]
    return example if isinstance(example, str | bool | int | float) else str(example)
