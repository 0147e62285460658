"""What a check has to say: one shape for Juju's rules and for the lab's."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypedDict

PathPart = str | int
KeyPath = tuple[PathPart, ...]


class Severity(enum.Enum):
    """Whether a finding stops the work (``error``) or only tells (``warning``)."""

    ERROR = "error"
    WARNING = "warning"


class FindingJson(TypedDict):
    """The stable JSON form of a finding."""

    id: str
    severity: Literal["error", "warning"]
    source: Literal["juju", "lab"]
    path: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth knowing.

    Attributes:
        id: Stable id: ``JUJU`` rules are ``J0xx``, the lab's are ``BL0xx``.
        severity: Error or warning.
        source: ``juju``: the message is Juju's own, to the letter; ``lab``: it is ours.
        path: The key that the finding is about, in the site file or the bundle.
        message: What is wrong, with the value and the rule.
        fix: What mends it.
        line: Line in the file that was read, from 1; 0 when there is none.
        file: Name of that file, where several were read; empty stands for the first.
    """

    id: str
    severity: Severity
    source: Literal["juju", "lab"]
    path: KeyPath
    message: str
    fix: str
    line: int = 0
    file: str = ""

    def as_json(self) -> FindingJson:
        """Return the stable JSON form."""
        return {
            "id": self.id,
            "severity": "error" if self.severity is Severity.ERROR else "warning",
            "source": self.source,
            "path": path_text(self.path),
            "message": self.message,
            "fix": self.fix,
        }


Place = tuple[str, int]


def last_deepest(found: Iterable[tuple[str, tuple[int, int]]]) -> Place:
    """Return the file and line that a path is told from.

    Args:
        found: Of each file in order its name, how much of the path it has, and the line there.

    Returns:
        Those of the file that has most; of several the last one's, since a later file wins.
    """
    ordered = sorted(found, key=lambda one: one[1][0])  # stable, so the last of equals stays last
    name, (_, line) = ordered[-1] if ordered else ("", (0, 0))
    return (name, line) if line else ("", 0)


def path_text(parts: Iterable[PathPart]) -> str:
    """Write a path as ``machines.gpu1.tags[0]``; keys with a dot or bracket are quoted."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = f'"{part}"' if any(mark in part for mark in '."[] ') or not part else part
            text += f".{key}" if text else key
    return text


def has_errors(findings: Iterable[Finding]) -> bool:
    """Tell whether any finding is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """Ask whether a known word was meant.

    Args:
        word: What was written.
        known: What is known there.
        otherwise: What to say where none of these is near.
    """
    import difflib  # here: most runs have no use for it

    near = difflib.get_close_matches(word, list(known), 1)
    return f"did you mean {near[0]}?" if near else otherwise
