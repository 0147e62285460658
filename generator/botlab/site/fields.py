"""The model's fields and their examples, by key path."""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from ..findings import KeyPath, PathPart
from .model import Site
from .networks import Networks
from .section import Section


class _Dumper(yaml.SafeDumper):
    """Write a short example as people do, also with an empty key: ``{'': lan}``."""

    def check_simple_key(self) -> bool:
        """Return whether a key needs no question mark: every key of an example is a scalar."""
        return True


_EMPTY: tuple[Any, ...] = (None, "", [], {})


def field_at(path: KeyPath, top: type[Section] = Site) -> FieldInfo | None:
    """Return the field that a key path leads to.

    Args:
        path: The key path.
        top: The model of the whole file.
    """
    return _follow(path, top)[0]


def section_keys(path: KeyPath, top: type[Section] = Site) -> set[str]:
    """Return the keys of the section at a key path; none where the path leads to no section.

    Args:
        path: The key path.
        top: The model of the whole file.
    """
    section = _follow(path, top)[1]
    return set(section_fields(section)) if section else set()


def section_fields(section: type[Section]) -> dict[str, FieldInfo]:
    """Return the fields of a section, by the keys of the site file."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def key_example_at(path: KeyPath) -> str:
    """Return an example for the last key of a path that is a name; empty where there is none."""
    field, _, names = _follow(path)
    if not names:
        # Another key with the same value: the LAN, for further networks.
        return str(_with_known_network(path)[-1])
    example = _example(field) if field else None
    for _ in names[:-1]:
        example = _first_entry(example)
    return str(next(iter(example))) if isinstance(example, dict) and example else ""  # pyright: ignore[reportUnknownArgumentType]


def example_at(path: KeyPath, top: type[Section] = Site) -> str:
    """Return an example for a key path, as YAML; empty where there is none.

    Args:
        path: The key path.
        top: The model of the whole file.
    """
    field, _, names = _follow(path, top)
    example = _example(field) if field else None
    for _ in names:
        example = _first_entry(example)
    return "" if example in _EMPTY else _yaml_text(example)


def is_known(path: KeyPath) -> bool:
    """Return whether the site file can have a key path. A list may be followed without an index.

    Args:
        path: The key path. `*` stands for any name.
    """
    return _walk(path)[1]


def _follow(
    path: KeyPath, top: type[Section] = Site
) -> tuple[FieldInfo | None, type[Section] | None, KeyPath]:
    """Return the last field on a path, its section, and the names and indexes after it."""
    fields, _ = _walk(path, top)
    field, length = fields[-1] if fields else (None, 0)
    return field, _section_of(field.annotation) if field else top, path[length:]


def _walk(path: KeyPath, top: type[Section] = Site) -> tuple[list[tuple[FieldInfo, int]], bool]:
    """Return the fields on a path, each with the length of its path, and whether all is known."""
    fields: list[tuple[FieldInfo, int]] = []
    inside: Any = top
    for depth, part in enumerate(_with_known_network(path), 1):
        inside = _required(inside)
        if get_origin(inside) is list and not _is_index(part):
            inside = get_args(inside)[0]
        if not isinstance(inside, type) or not issubclass(inside, Section):
            # The part is a name or an index within the field.
            entries = get_args(inside) if get_origin(inside) in (dict, list) else ()
            if not entries:
                return fields, False
            inside = entries[-1]
            continue
        field = section_fields(inside).get(str(part))
        if field is None:
            return fields, False
        fields.append((field, depth))
        inside = field.annotation
    return fields, bool(path)


def _required(annotation: Any) -> Any:
    """Return the type in an annotated or optional type."""
    while get_origin(annotation) in (Annotated, Union, types.UnionType):
        choices = [choice for choice in get_args(annotation) if choice is not types.NoneType]
        annotation = choices[0]
    return annotation


def _is_index(part: PathPart) -> bool:
    return part == "*" or str(part).isdecimal()


def _with_known_network(path: KeyPath) -> KeyPath:
    """Return a path with the LAN in place of a further network, which has the same keys."""
    if len(path) > 1 and path[0] == "networks" and path[1] not in section_fields(Networks):
        return ("networks", "lan", *path[2:])
    return path


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
    text: str = yaml.dump(
        plain, Dumper=_Dumper, default_flow_style=True, sort_keys=False, width=9999
    )
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
