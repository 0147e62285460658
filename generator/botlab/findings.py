"""Findings: what the checks report, in one form for Juju's rules and for the lab's own."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypedDict

PathPart = str | int
# The keys and list positions that lead to a value of a YAML document.
KeyPath = tuple[PathPart, ...]
# The name of a file and a line in it, from 1. The line is 0, and the name empty, when unknown.
Location = tuple[str, int]
# The moment at which Juju refuses: ``dry-run`` when the client does, also with ``juju deploy
# --dry-run``, and ``deploy`` when only the controller does, half way through the deployment.
When = Literal["dry-run", "deploy"]


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

    def __post_init__(self) -> None:
        """Let an error in Juju's words be one of the client, unless the finding says otherwise."""
        if self.source == "juju" and self.severity is Severity.ERROR and self.when is None:
            object.__setattr__(self, "when", "dry-run")

    def as_json(self) -> FindingJson:
        """Return the stable JSON form."""
        return {
            "id": self.id,
            "severity": "error" if self.severity is Severity.ERROR else "warning",
            "source": self.source,
            "when": self.when,
            "path": path_text(self.path),
            "message": self.message,
            "fix": self.fix,
        }


def deepest_location(candidates: Iterable[tuple[str, tuple[int, int]]]) -> Location:
    """Return the location of the file that holds the largest part of a path.

    Args:
        candidates: For each file, in the order of reading, its name, the number of the path's
            parts that it has, and the line of the last such part.

    Returns:
        The last one of several that have equally many, because a later file wins.
    """
    ordered = sorted(candidates, key=lambda entry: entry[1][0])  # stable: the last one stays last
    name, (_, line) = ordered[-1] if ordered else ("", (0, 0))
    return (name, line) if line else ("", 0)


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
    """Return "did you mean ...?" with the choice that is most similar to a word.

    Args:
        word: The word as written.
        choices: The words that are valid.
        fallback: The text to return when no choice is similar.
    """
    import difflib  # imported here, because few runs suggest anything

    matches = difflib.get_close_matches(word, list(choices), 1)
    return f"did you mean {matches[0]}?" if matches else fallback
