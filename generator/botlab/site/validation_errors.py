"""Findings for the values that the site model refuses."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pydantic

from ..findings import Finding, KeyPath, PathPart, lab_error, path_text, similar, suggest
from .fields import example_at, field_at, key_example_at, section_keys
from .machines import KEYS_INSTEAD_OF_ROLES, OTHER_WORDS_OF_ROLES
from .section import NAME_MARK

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
# A choice in pydantic's description of an enumeration: "'amd64' or 'arm64'".
_CHOICE = re.compile(r"'([^']*)'")
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
    return tuple(part for part in location if part != NAME_MARK)


def error_finding(error: PydanticError) -> Finding:
    """Return the finding for an error. It does not have a file and a line yet."""
    path = error_path(error["loc"])
    kind: str = error["type"]
    rule = _RULES.get(kind) or ("BL002" if _TYPE_ERRORS.search(kind) else "BL004")
    if rule == "BL001":
        return _unknown_key_finding(path)
    is_missing = rule == "BL003"
    message = f"the key {path_text(path)} is missing" if is_missing else value_message(error)
    fix = _meant_value(error) or _meant_key(error) or _fix(path, is_name=_is_name_error(error))
    return lab_error(rule, path, message, fix)


def value_message(error: PydanticError) -> str:
    """Return the sentence about a value that a model refuses: key, value and rule."""
    reason = _REASONS.get(error["type"]) or _SUBJECTS.sub("", str(error["msg"]))
    if _is_name_error(error):
        return _name_message(error_path(error["loc"]), reason)
    return " ".join(_sentence(error_path(error["loc"]), reason, error.get("input")))


def meant_paths(error: PydanticError, data: Any) -> Iterator[KeyPath]:
    """Yield the keys that an unknown key was probably meant to be, and that are not set.

    Args:
        error: An error of any kind.
        data: The data of the site file.
    """
    path = error_path(error["loc"])
    if error["type"] != "extra_forbidden" or not path:
        return
    section = functools.reduce(lambda tree, part: tree[part], path[:-1], data)
    for key in similar(str(path[-1]), sorted(section_keys(path[:-1]))):
        if key not in section:
            yield (*path[:-1], key)


def duplicate_key_finding(path: KeyPath) -> Finding:
    """Return the finding for a key that a mapping holds twice."""
    message = f"the key {path_text(path)} is written twice in the same mapping"
    return lab_error("BL005", path, message, "remove one of the two")


def _unknown_key_finding(path: KeyPath) -> Finding:
    keys = sorted(section_keys(path[:-1]))
    message = f"{path_text(path)} is not a key of the site file"
    fix = suggest(str(path[-1]) if path else "", keys, f"use one of {', '.join(keys)}")
    return lab_error("BL001", path, message, fix)


def _name_message(path: KeyPath, reason: str) -> str:
    """Return the sentence about a name that a mapping must not have as a key."""
    owner = path_text(path[:-1]) or "the file"
    verb = "is " if reason.startswith("not ") else ""
    return f"{owner} has the key {_shortened(str(path[-1]))!r}, which {verb}{reason}"


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
    return f" is {_shortened(str(value))!r}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def _meant_value(error: PydanticError) -> str:
    """Return the value that was probably meant, as a fix; empty when it is not known."""
    kind, text = str(error["type"]), str(error.get("input"))
    if kind.startswith("bool_") and text.isdecimal():
        return "write true; a number is not needed here"
    if kind not in ("enum", "literal_error"):
        return ""
    if "roles" in error_path(error["loc"])[-2:] and text in KEYS_INSTEAD_OF_ROLES:
        return f"remove the role, and write {KEYS_INSTEAD_OF_ROLES[text]}"
    choices = _CHOICE.findall(str(error["ctx"]["expected"]))
    return suggest(OTHER_WORDS_OF_ROLES.get(text, text), choices, "")


def _is_name_error(error: PydanticError) -> bool:
    """Return whether the last key of an error's path is wrong, and not the value of this key."""
    return error["loc"][-1:] == (NAME_MARK,)


def _meant_key(error: PydanticError) -> str:
    """Return the key that was probably meant where any name is possible, as a fix; else empty.

    A further network has keys of its own, so a plain value shows that a known key was meant.
    """
    path = error_path(error["loc"])
    if len(path) != len(("networks", "NAME")) or path[0] != "networks":
        return ""
    if error["type"] != "model_type":
        return ""
    known = section_keys(path[:1])
    return "" if path[1] in known else suggest(str(path[1]), sorted(known), "")


def _fix(path: KeyPath, *, is_name: bool) -> str:
    field = field_at(path)
    if field is None:
        return "write a value of the type that the message names"
    example = key_example_at(path) if is_name else example_at(path)
    description = field.description or ""
    return f"write, for example, {example}. {description}" if example else description
