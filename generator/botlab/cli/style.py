"""Findings as text, with colours when a person reads them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from ..findings import Finding, Severity, path_text
from .output import Painted, print_line, print_message

_RED, _YELLOW, _BOLD, _PLAIN = "\033[31m", "\033[33m", "\033[1m", "\033[0m"


def uses_colours(stream: TextIO) -> bool:
    """Return whether to print colours: on a terminal that has them, without NO_COLOR.

    NO_COLOR is described at no-color.org.
    """
    is_allowed = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return is_allowed and stream.isatty()


def print_findings(findings: Sequence[Finding], file: str, stream: TextIO | None = None) -> None:
    """Print findings, and their number.

    Args:
        findings: The findings, in the order in which they are printed.
        file: The name of the file that their lines are in, unless they name another file.
        stream: The stream to print to; standard output by default.
    """
    out = stream or sys.stdout
    coloured = uses_colours(out)
    for finding in findings:
        _print_finding(finding, file, out, coloured=coloured)
    print_line(f"{file}: {count_text(findings)}", stream=out)


def _print_finding(finding: Finding, file: str, out: TextIO, *, coloured: bool) -> None:
    location = f"{finding.file or file}:{finding.line}" if finding.line else file
    severity = finding.severity.value
    if coloured:
        colour = _RED if finding.severity is Severity.ERROR else _YELLOW
        severity = Painted(f"{_BOLD}{colour}{severity}{_PLAIN}")
    key = path_text(finding.path) or "the top"
    author = f" (message from Juju{_moment(finding)})" if finding.source == "juju" else ""
    print_line(f"{location}: ", severity, f" {finding.id} at {key}{author}", stream=out)
    print_message(finding.message, indent="    ", stream=out)
    if finding.fix:
        print_line("    fix: ", finding.fix, stream=out)


def _moment(finding: Finding) -> str:
    """Return when Juju refuses the bundle, if that is later than at the start."""
    return ", half way through the deployment" if finding.when == "deploy" else ""


def count_text(findings: Iterable[Finding]) -> str:
    """Return the numbers of errors and warnings, as text."""
    severities = [finding.severity for finding in findings]
    errors = severities.count(Severity.ERROR)
    warnings = severities.count(Severity.WARNING)
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"


def counted(number: int, noun: str) -> str:
    """Return a number with a noun, which is in the plural unless the number is 1."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
