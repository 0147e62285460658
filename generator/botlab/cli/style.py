"""Findings as text, in colour where a person reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from ..findings import Finding, Severity, path_text

_RED, _YELLOW, _BOLD, _PLAIN = "\033[31m", "\033[33m", "\033[1m", "\033[0m"


def colours(stream: TextIO) -> bool:
    """Tell whether to colour: a terminal, and no NO_COLOR (no-color.org) or dumb terminal."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and stream.isatty()


def print_findings(findings: Sequence[Finding], file: str, stream: TextIO | None = None) -> None:
    """Print findings and a closing count.

    Args:
        findings: What to print, in that order.
        file: Name of the file that their lines count in, unless they name another.
        stream: Where to; standard output by default.
    """
    out = stream or sys.stdout
    coloured = colours(out)
    for finding in findings:
        print(_one(finding, file, coloured), file=out)
    print(f"{file}: {count(findings)}", file=out)


def _one(finding: Finding, file: str, coloured: bool) -> str:
    place = f"{finding.file or file}:{finding.line}" if finding.line else file
    word = finding.severity.value
    if coloured:
        tint = _RED if finding.severity is Severity.ERROR else _YELLOW
        word = f"{_BOLD}{tint}{word}{_PLAIN}"
    who = " (Juju's words)" if finding.source == "juju" else ""
    message = finding.message.replace("\n", "\n    ")
    key = path_text(finding.path) or "the top"
    text = f"{place}: {word} {finding.id} at {key}{who}\n    {message}"
    return f"{text}\n    fix: {finding.fix}" if finding.fix else text


def count(findings: Iterable[Finding]) -> str:
    """Say how many errors and warnings there are."""
    severities = [finding.severity for finding in findings]
    errors = severities.count(Severity.ERROR)
    warnings = severities.count(Severity.WARNING)
    return f"{_many(errors, 'error')}, {_many(warnings, 'warning')}"


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
