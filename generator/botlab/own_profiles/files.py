"""Reading of one file of a profile, with all its faults as findings."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import pydantic

from ..contained_files import read_contained_text
from ..errors import BotlabError
from ..findings import Finding, KeyPath, Location, lab_error, path_text, suggest
from ..site.fields import example_at, field_at, section_keys
from ..site.layers import duplicate_keys, locate_path, to_data
from ..site.section import Section
from ..site.validation_errors import (
    PydanticError,
    distinct_errors,
    error_path,
    value_message,
)
from ..yaml_nodes import Node, compose
from .layout import UNREADABLE, unreadable

UNKNOWN_KEY = "PF002"
WRONG_VALUE = "PF003"
MISSING_KEY = "PF004"
REPEATED_KEY = "PF005"
# The largest catalogue file of this project has 25 kB.
LARGEST_FILE = 2**20
# Nobody reads more, and to find them in a file that was made for it takes long.
MOST_FAULTS = 200

Model = TypeVar("Model", bound=Section)


@dataclass(frozen=True, slots=True)
class ProfileDocument(Generic[Model]):
    """A file of a profile.

    Attributes:
        path: The file.
        model: Its content; None when it has errors.
        findings: What is wrong with it.
    """

    path: Path
    model: Model | None
    findings: tuple[Finding, ...]
    root: Node | None = field(default=None, repr=False)

    def finding(self, rule_id: str, path: KeyPath, message: str, fix: str) -> Finding:
        """Return a finding about a key of the file, with its line."""
        return _located(lab_error(rule_id, path, message, fix), self.path, self.root)


def read_document(
    path: Path,
    directory: Path,
    model: type[Model],
    complete: Callable[[Any], Any] = lambda data: data,
) -> ProfileDocument[Model]:
    """Read a file.

    Args:
        path: The file.
        directory: The directory of the profile, out of which the file must not lead.
        model: The model of its content.
        complete: Function that adds to the data of the file what it does not repeat.
    """
    try:
        roots = compose(read_contained_text(path, directory, LARGEST_FILE), str(path))
        root = roots[0] if len(roots) == 1 else None
        data = to_data(root, str(path))
    except BotlabError as error:
        return ProfileDocument(path, None, (unreadable(error, path),))
    if not isinstance(data, dict):
        message = f"{path.name} must be a single YAML document with a mapping of keys"
        finding = lab_error(UNREADABLE, (), message, f"write {_first_key(model)}")
        return ProfileDocument(path, None, (dataclasses.replace(finding, file=str(path)),))
    repeated = itertools.islice(duplicate_keys(root), MOST_FAULTS)
    faults = [_repeated(key).at(Location(str(path), at)) for key, at in repeated]
    try:
        content = model.model_validate(complete(data))
    except pydantic.ValidationError as error:
        errors = distinct_errors(error)[:MOST_FAULTS]
        found = (_fault(details, model, path.name) for details in errors)
        faults += [_located(fault, path, root) for fault in found]
        return ProfileDocument(path, None, tuple(faults), root)
    return ProfileDocument(path, content if not faults else None, tuple(faults), root)


def _first_key(model: type[Section]) -> str:
    key = next(iter(model.model_fields))
    return f"{key}: {example_at((key,), model)}"


def _located(finding: Finding, path: Path, root: Node | None) -> Finding:
    """Return a finding with the line of its key, or of the nearest section that the file has."""
    _, position = locate_path(root, finding.path)
    return dataclasses.replace(finding, file=str(path), line=position.line, column=position.column)


def _repeated(path: KeyPath) -> Finding:
    message = f"the key {path_text(path)} is written twice in the same mapping"
    return lab_error(REPEATED_KEY, path, message, "remove one of the two")


def _fault(error: PydanticError, model: type[Section], file: str) -> Finding:
    """Return the finding for an error of pydantic."""
    path = error_path(error["loc"])
    if error["type"] == "extra_forbidden":
        keys = sorted(section_keys(path[:-1], model))
        message = f"{path_text(path)} is not a key of {file}"
        fix = suggest(str(path[-1]), keys, f"use one of {', '.join(keys)}")
        return lab_error(UNKNOWN_KEY, path, message, fix)
    fix = " ".join(_advice(path, model))
    if error["type"] == "missing":
        return lab_error(MISSING_KEY, path, f"the key {path_text(path)} is missing", fix)
    return lab_error(WRONG_VALUE, path, value_message(error), fix)


def _advice(path: KeyPath, model: type[Section]) -> Iterator[str]:
    example = example_at(path, model)
    if example:
        yield f"write, for example, {example}."
    description = field_at(path, model)
    yield (description.description if description else None) or "see the reference of profiles"
