"""Findings: what the checks report, in one form for Juju's rules and for the lab's own."""

from __future__ import annotations

import dataclasses
import enum
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypedDict

from .urls import redact

# Names are shorter, and lists of names too, except in files that were made to take time.
_LONGEST_WORD = 80
_MOST_CHOICES = 1000
_MOST_SUGGESTIONS = 100
_MOST_LISTED = 50

PathPart = str | int
# The keys and list positions that lead to a value of a YAML document.
KeyPath = tuple[PathPart, ...]
# The moment at which Juju refuses: ``dry-run`` when the client does, also with ``juju deploy
# --dry-run``, and ``deploy`` when only the controller does, half way through the deployment.
When = Literal["dry-run", "deploy"]


class Position(NamedTuple):
    """A line and a column, from 1; both are 0 when they are unknown."""

    line: int = 0
    column: int = 0


class Location(NamedTuple):
    """A position in a file. The name of the file is empty when it is unknown."""

    file: str = ""
    position: Position = Position()


class Severity(enum.Enum):
    """Whether a finding stops the work (``error``) or not (``warning``)."""

    ERROR = "error"
    WARNING = "warning"


class FindingJson(TypedDict):
    """The stable JSON form of a finding."""

    id: str
    severity: Literal["error", "warning"]
    source: Literal["juju", "lab"]
    when: When | None
    path: str
    file: str
    line: int | None
    column: int | None
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, or a fact that the administrator should know.

    Attributes:
        id: The stable id. Juju's rules have ids of the form ``J0xx``, the lab's ``BL0xx``.
        severity: Error or warning.
        source: ``juju`` if the message is Juju's own, to the letter; ``lab`` if it is botlab's.
        path: The key that the finding is about, in the site file or the bundle.
        message: What is wrong.
        fix: What the administrator should do.
        line: The line in the file that was read, from 1; 0 when there is none.
        file: The name of that file if several were read; empty for the first one.
        when: The moment at which Juju refuses the bundle because of this; None when Juju does not.
        column: The column in that line, from 1; 0 when it is not known.
    """

    id: str
    severity: Severity
    source: Literal["juju", "lab"]
    path: KeyPath
    message: str
    fix: str
    line: int = 0
    file: str = ""
    when: When | None = None
    column: int = 0

    def __post_init__(self) -> None:
        """Complete a finding in Juju's words, and leave out what may be a secret in one of ours.

        An error in Juju's words is one of the client, unless the finding says otherwise.
        """
        if self.source == "lab":
            object.__setattr__(self, "message", redact(self.message))
            object.__setattr__(self, "fix", redact(self.fix))
        if self.source == "juju" and self.severity is Severity.ERROR and self.when is None:
            object.__setattr__(self, "when", "dry-run")

    def as_json(self, file: str) -> FindingJson:
        """Return the stable JSON form.

        Args:
            file: The name of the file that was read first.
        """
        return {
            "id": self.id,
            "severity": "error" if self.severity is Severity.ERROR else "warning",
            "source": self.source,
            "when": self.when,
            "path": path_text(self.path),
            "file": self.file or file,
            "line": self.line or None,
            "column": self.column or None,
            "message": self.message,
            "fix": self.fix,
        }

    def at(self, location: Location) -> Finding:
        """Return the finding with the place of its path.

        A finding that has a line already keeps it, with the column if the path is on that line.
        """
        line, column = location.position
        if not self.line:
            return dataclasses.replace(self, file=location.file, line=line, column=column)
        is_there = not self.column and (self.line, self.file) == (line, location.file)
        return dataclasses.replace(self, column=column) if is_there else self


def lab_error(rule_id: str, path: KeyPath, message: str, fix: str) -> Finding:
    """Return an error of one of the lab's own rules.

    Args:
        rule_id: The id of the rule.
        path: The key that the finding is about.
        message: What is wrong.
        fix: What the administrator should do.
    """
    return Finding(rule_id, Severity.ERROR, "lab", path, message, fix)


def deepest_location(candidates: Iterable[tuple[str, tuple[int, Position]]]) -> Location:
    """Return the location of the file that holds the largest part of a path.

    Args:
        candidates: For each file, in the order of reading, its name, the number of the path's
            parts that it has, and the position of the last such part.

    Returns:
        The last one of several that have equally many, because a later file wins.
    """
    ordered = sorted(candidates, key=lambda entry: entry[1][0])  # stable: the last one stays last
    name, (_, position) = ordered[-1] if ordered else ("", (0, Position()))
    return Location(name, position) if position.line else Location()


def path_text(path: Iterable[PathPart]) -> str:
    """Return a path as text, such as ``machines.gpu1.tags[0]``.

    Keys that hold a dot, a bracket, a quotation mark or a space are quoted. The text is for
    people and cannot be parsed back.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = f'"{part}"' if any(mark in part for mark in '."[] ') or not part else part
            text += f".{key}" if text else key
    return text


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any finding is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def suggest(word: str, choices: Iterable[str], fallback: str) -> str:
    """Return "did you mean ...?" with the choices that are similar to a word, or begin with it.

    Args:
        word: The word as written.
        choices: The words that are valid.
        fallback: The text to return when no choice is similar.
    """
    matches = similar(word, choices)
    return f"did you mean {' or '.join(matches)}?" if matches else fallback


def similar(word: str, choices: Iterable[str]) -> list[str]:
    """Return the choice that is most similar to a word, or else up to three that begin with it.

    Of a long list, only the first choices are compared. Nothing is similar to a very long word.
    """
    import difflib  # imported here, because few runs suggest anything

    if not 0 < len(word) <= _LONGEST_WORD:
        return []
    compared = [*itertools.islice(choices, _MOST_CHOICES)]
    begun = [choice for choice in compared if choice.startswith(word)]
    short = [choice for choice in compared if len(choice) <= _LONGEST_WORD]
    return difflib.get_close_matches(word, short, 1) or begun[:3]


class Suggestions:
    """Suggestions for the first words of a check, because looking for similar words takes long.

    A check needs it if both the words and the choices come from files.
    """

    def __init__(self) -> None:
        self._remaining = _MOST_SUGGESTIONS

    def suggest(self, word: str, choices: Iterable[str], fallback: str) -> str:
        """Return what :func:`suggest` returns, and the fallback once there are many words."""
        self._remaining -= 1
        return fallback if self._remaining < 0 else suggest(word, choices, fallback)


def use_one_of(choices: Sequence[str]) -> str:
    """Return the fix that names the choices, of which a few stand for very many."""
    return f"use one of {listed(choices, _MOST_LISTED)}"


def newest_beginning_with(version: str, names: Sequence[str]) -> str:
    """Return the newest release whose name begins with the numbers of a version; else empty.

    Args:
        version: A version with fewer numbers than a release has, such as 1.10.
        names: The names of the releases, from the oldest to the newest.
    """
    beginning = f"{version.strip().removeprefix('v').rstrip('.')}."
    fitting = (name for name in reversed(names) if name.removeprefix("v").startswith(beginning))
    return next(fitting, "")


def listed(texts: Sequence[str], most: int = 5) -> str:
    """Return texts as a list, of which a few stand for many.

    Args:
        texts: The texts.
        most: How many of them are shown.
    """
    more = len(texts) - most
    shown = ", ".join(texts[:most])
    return shown if more <= 0 else f"{shown} and {more} more"
