"""Turn what the model refuses into findings: the key, the value, the rule and the mend."""

from __future__ import annotations

import difflib
import re
from typing import Any, get_args

import pydantic
from pydantic.fields import FieldInfo

from ..findings import Finding, PathPart, Severity, path_text
from .base import Part
from .model import Site

Path = tuple[PathPart, ...]

_IDS = {"extra_forbidden": "BL001", "missing": "BL003"}
_TYPE_ERRORS = re.compile(r"_type$|_parsing$|^int_from_float$")
# A value under these keys may be a secret; it is never shown.
_HIDDEN = {"options"}


def clean_path(location: tuple[PathPart, ...]) -> Path:
    """Return the path that an error of pydantic is about."""
    return tuple(part for part in location if part != "[key]")


def complaint(error: Any) -> Finding:
    """Return the finding for one error of pydantic; where it stands in a file is not said yet."""
    path = clean_path(error["loc"])
    kind: str = error["type"]
    rule = _IDS.get(kind) or ("BL002" if _TYPE_ERRORS.search(kind) else "BL004")
    if rule == "BL001":
        return _unknown(path)
    key = path_text(path)
    field = field_at(path)
    if rule == "BL003":
        message = f"{key} is missing; the site needs it"
        return Finding(rule, Severity.ERROR, "lab", key, message, _mend(path, field))
    reason = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    message = f"{key}{_shown(path, error.get('input'))}: {reason}"
    return Finding(rule, Severity.ERROR, "lab", key, message, _mend(path, field))


def _unknown(path: Path) -> Finding:
    known = sorted(_known_keys(path[:-1]))
    key = str(path[-1]) if path else ""
    near = difflib.get_close_matches(key, known, 1)
    message = f"{path_text(path)} is no key of the site file"
    fix = f"did you mean {near[0]}?" if near else f"keys known here: {', '.join(known)}"
    return Finding("BL001", Severity.ERROR, "lab", path_text(path), message, fix)


def repeated(path: Path, line: int) -> Finding:
    """Return the finding for a key that stands twice."""
    message = f"{path_text(path)} stands twice in its mapping; only one can count"
    fix = "keep one of the two"
    return Finding("BL005", Severity.ERROR, "lab", path_text(path), message, fix, line)


def _shown(path: Path, value: object) -> str:
    if _HIDDEN & {str(part) for part in path}:
        return ""
    if isinstance(value, dict):
        return " is a mapping"
    if isinstance(value, list):
        return " is a list"
    text = str(value)
    return f" is {text[:57] + '...' if len(text) > 60 else text!r}"


def _mend(path: Path, field: FieldInfo | None) -> str:
    if field is None:
        return "write a value of the kind that the message names"
    example: object = field.examples[0] if field.examples else field.get_default()
    hint = "" if example in (None, ..., "") or repr(example).startswith("Pydantic") else example
    if isinstance(hint, list) and hint and path and isinstance(path[-1], int):
        hint = hint[0]  # pyright: ignore[reportUnknownVariableType]
    told = field.description or ""
    return f"write for example {hint}. {told}" if hint != "" else told


def field_at(path: Path) -> FieldInfo | None:
    """Return the field that a path of the site file leads to."""
    model: type[Part] | None = Site
    field: FieldInfo | None = None
    for part in path:
        found = _fields(model).get(str(part)) if model else None
        if found is not None:  # else a name or an index inside the field
            field = found
            model = _inner(found.annotation)
    return field


def _known_keys(path: Path) -> set[str]:
    model: type[Part] | None = Site
    for part in path:
        field = _fields(model).get(str(part)) if model else None
        if field is not None:
            model = _inner(field.annotation)
    return set(_fields(model)) if model else set()


def _fields(model: type[Part]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _inner(annotation: Any) -> type[Part] | None:
    """Return the Part that a field's annotation holds, behind lists, mappings and None."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    parts = (_inner(argument) for argument in get_args(annotation))
    return next((part for part in parts if part is not None), None)


def errors_of(error: pydantic.ValidationError) -> list[Any]:
    """List the errors of a validation, one per path, in the file's order."""
    seen: set[Path] = set()
    result: list[Any] = []
    for item in error.errors(include_url=False):
        path = clean_path(item["loc"])
        if path not in seen:
            seen.add(path)
            result.append(item)
    return result
