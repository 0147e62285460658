"""Faults of a YAML text, with the words of Go's YAML library.

libyaml, which PyYAML uses, and Go's library share their scanner and parser. Both therefore find
the same fault at the same position. Only the line in the message of Go's library differs: its
function ``parser.fail`` counts lines in its own way.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml
from yaml.scanner import ScannerError

from .yaml_reasons import plain_reason

_ANCHOR = re.compile(r"[*&]([A-Za-z0-9_-]*)", re.ASCII)


class YamlFault(NamedTuple):
    """The fault at which the parser of a YAML text stops.

    Attributes:
        go_message: The message of Go's YAML library.
        reason: The reason for people, without a position.
        line: The line, from 1; 0 when it is unknown.
        column: The column, from 1; 0 when it is unknown.
    """

    go_message: str
    reason: str
    line: int = 0
    column: int = 0

    @property
    def position(self) -> str:
        """The line and the column as they follow the name of a file; empty when unknown."""
        return f":{self.line}:{self.column}" if self.line else ""


def fault_of(error: yaml.YAMLError | ValueError, text: str) -> YamlFault:
    """Return the fault that an error of PyYAML describes.

    Args:
        error: The error.
        text: The YAML text.
    """
    if isinstance(error, yaml.MarkedYAMLError):
        return _marked_fault(error, text)
    reason = " ".join(str(error).split())
    go_reason = str(getattr(error, "reason", "")) or reason
    return YamlFault(f"yaml: {go_reason}", reason)


def unknown_anchor(name: str, mark: yaml.Mark) -> YamlFault:
    """Return the fault of an alias whose anchor does not exist."""
    return YamlFault(
        f"yaml: unknown anchor '{name}' referenced",
        f"found undefined alias: no anchor {name!r} stands before it in this document",
        mark.line + 1,
        mark.column + 1,
    )


def _marked_fault(error: yaml.MarkedYAMLError, text: str) -> YamlFault:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or "syntax error"
    if mark is not None and problem.startswith("found undefined alias"):
        return unknown_anchor(_anchor_at(text, mark), mark)
    reason = plain_reason(text, error)
    message = f"yaml: {_go_line(error)}{problem}"
    if mark is None:
        return YamlFault(message, reason)
    return YamlFault(message, reason, mark.line + 1, mark.column + 1)


def _go_line(error: yaml.MarkedYAMLError) -> str:
    """Return the line as Go's library shows it, which counts from 0 except in the scanner."""
    line = error.problem_mark.line if error.problem_mark else 0
    if line:
        line += isinstance(error, ScannerError)
    elif error.context_mark:
        line = error.context_mark.line
    return f"line {line}: " if line else ""


def _anchor_at(text: str, mark: yaml.Mark) -> str:
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    match = _ANCHOR.match(line, mark.column)
    return match.group(1) if match else ""
