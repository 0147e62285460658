"""Turn what the model refuses into findings: the key, the value, the rule and the mend."""

from __future__ import annotations

import re
from typing import Any

import pydantic

from ..findings import Finding, KeyPath, PathPart, Severity, nearest, path_text
from .fields import example_at, field_at, known_keys

_IDS = {"extra_forbidden": "BL001", "missing": "BL003"}
# Where pydantic's words name Python's types.
_KINDS = {
    "model_type": "should be a mapping of keys",
    "dict_type": "should be a mapping",
    "list_type": "should be a list",
    "string_type": "should be a text",
}
_TYPE_ERRORS = re.compile(r"_type$|_parsing$|^int_from_float$")
# A value under these keys may be a secret; it is never shown.
_HIDDEN = {"options"}


def clean_path(location: tuple[PathPart, ...]) -> KeyPath:
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
    if rule == "BL003":
        message = f"{key} is missing; the site needs it"
        return Finding(rule, Severity.ERROR, "lab", path, message, _mend(path))
    reason = _KINDS.get(kind) or str(error["msg"])
    reason = reason.removeprefix("Value error, ").removeprefix("Input ")
    message = f"{key}{_shown(path, error.get('input'))}: {reason}"
    return Finding(rule, Severity.ERROR, "lab", path, message, _mend(path))


def _unknown(path: KeyPath) -> Finding:
    known = sorted(known_keys(path[:-1]))
    key = str(path[-1]) if path else ""
    message = f"{path_text(path)} is no key of the site file"
    fix = nearest(key, known, f"keys known here: {', '.join(known)}")
    return Finding("BL001", Severity.ERROR, "lab", path, message, fix)


def repeated(path: KeyPath, line: int) -> Finding:
    """Return the finding for a key that stands twice."""
    message = f"{path_text(path)} stands twice in its mapping; only one can count"
    fix = "keep one of the two"
    return Finding("BL005", Severity.ERROR, "lab", path, message, fix, line)


def _shown(path: KeyPath, value: object) -> str:
    if _HIDDEN & {str(part) for part in path}:
        return ""
    if isinstance(value, dict):
        return " is a mapping"
    if isinstance(value, list):
        return " is a list"
    text = str(value)
    return f" is {text[:57] + '...' if len(text) > 60 else text!r}"


def _mend(path: KeyPath) -> str:
    field = field_at(path)
    if field is None:
        return "write a value of the kind that the message names"
    example = example_at(path)
    told = field.description or ""
    return f"write for example {example}. {told}" if example else told


def errors_of(error: pydantic.ValidationError) -> list[Any]:
    """List the errors of a validation, one per path, in the file's order."""
    seen: set[KeyPath] = set()
    result: list[Any] = []
    for item in error.errors(include_url=False):
        path = clean_path(item["loc"])
        if path not in seen:
            seen.add(path)
            result.append(item)
    return result
