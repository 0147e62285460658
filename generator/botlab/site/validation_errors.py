"""Findings for the values that the site model refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pydantic

from ..findings import Finding, KeyPath, PathPart, Severity, path_text, suggest
from .fields import example_at, field_at, section_keys

# An error of pydantic, as `ValidationError.errors()` returns it.
PydanticError = Mapping[str, Any]

_RULES = {"extra_forbidden": "BL001", "missing": "BL003"}
# Reasons in place of those of pydantic's messages that use the words of Python. The model sets no
# minimum length other than 1.
_REASONS = {
    "model_type": "should be a mapping of keys",
    "dict_type": "should be a mapping",
    "list_type": "should be a list",
    "string_type": "should be a string",
    "too_short": "should not be empty",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "should be an integer"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "should be true or false"),
}
_TYPE_ERRORS = re.compile(r"_type$|_parsing$|^int_from_float$")
_SUBJECTS = re.compile(r"^(Value error, |(Input|String|List|Dictionary) (?=should ))")
# Values below these keys may be secrets, and are never shown.
_SECRET_KEYS = {"options"}
_LONGEST_TEXT = 60


def distinct_errors(error: pydantic.ValidationError) -> list[PydanticError]:
    """Return the first error of each path, in the order of the file."""
    errors: dict[KeyPath, PydanticError] = {}
    for details in error.errors(include_url=False):
        errors.setdefault(error_path(details["loc"]), details)
    return list(errors.values())


def error_path(location: tuple[PathPart, ...]) -> KeyPath:
    """Return the key path of an error's location."""
    return tuple(part for part in location if part != "[key]")


def error_finding(error: PydanticError) -> Finding:
    """Return the finding for an error. It does not have a file and a line yet."""
    path = error_path(error["loc"])
    kind: str = error["type"]
    rule = _RULES.get(kind) or ("BL002" if _TYPE_ERRORS.search(kind) else "BL004")
    if rule == "BL001":
        return _unknown_key_finding(path)
    if rule == "BL003":
        message = f"the key {path_text(path)} is missing"
    else:
        reason = _REASONS.get(kind) or _SUBJECTS.sub("", str(error["msg"]))
        message = " ".join(_sentence(path, reason, error.get("input")))
    return Finding(rule, Severity.ERROR, "lab", path, message, _fix(path))


def duplicate_key_finding(path: KeyPath, line: int) -> Finding:
    """Return the finding for a key that a mapping holds twice."""
    message = f"the key {path_text(path)} is written twice in the same mapping"
    return Finding("BL005", Severity.ERROR, "lab", path, message, "remove one of the two", line)


def _unknown_key_finding(path: KeyPath) -> Finding:
    keys = sorted(section_keys(path[:-1]))
    message = f"{path_text(path)} is not a key of the site file"
    fix = suggest(str(path[-1]) if path else "", keys, f"use one of {', '.join(keys)}")
    return Finding("BL001", Severity.ERROR, "lab", path, message, fix)


def _sentence(path: KeyPath, reason: str, value: object) -> Iterator[str]:
    """Yield the parts of a sentence that names the key, the value and what is wrong with it."""
    is_secret = bool(_SECRET_KEYS & {str(part) for part in path})
    shown = "" if is_secret else _shown(value)
    if reason.startswith("not "):
        reason = f"is {reason}"
    if not shown or (isinstance(value, dict) and not reason.startswith("should ")):
        yield path_text(path)
    else:
        pronoun = "but it" if reason.startswith("should ") else "which"
        yield f"{path_text(path)}{shown}, {pronoun}"
    yield reason


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " is a mapping"
    if isinstance(value, list):
        return " is a list"
    text = str(value)
    if len(text) > _LONGEST_TEXT:
        text = f"{text[: _LONGEST_TEXT - 3]}..."
    return f" is {text!r}"


def _fix(path: KeyPath) -> str:
    field = field_at(path)
    if field is None:
        return "write a value of the type that the message names"
    example = example_at(path)
    description = field.description or ""
    return f"write, for example, {example}. {description}" if example else description
