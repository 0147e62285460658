"""Findings as text, with colours when a person reads them."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TextIO

from ..findings import Finding, KeyPath, Severity, path_text
from .output import Painted, print_line, print_message

# Equal findings with different fixes, up to this number, are printed one by one.
_MOST_FIXES = 3
# Findings at this number of keys or more, with one fix, are printed together.
_FEWEST_KEYS = 3
# As many messages of a group are shown.
_MOST_MESSAGES = 10
_RED, _YELLOW, _BOLD, _PLAIN = "\033[31m", "\033[33m", "\033[1m", "\033[0m"


def uses_colours(stream: TextIO) -> bool:
    """Return whether to print colours: on a terminal that has them, without NO_COLOR.

    NO_COLOR is described at no-color.org.
    """
    is_allowed = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return is_allowed and stream.isatty()


def print_findings(
    findings: Sequence[Finding],
    file: str,
    stream: TextIO | None = None,
    *,
    ignored: int = 0,
    full: str = "",
) -> None:
    """Print findings, and their number.

    Args:
        findings: The findings, in the order in which they are printed.
        file: The name of the file that their lines are in, unless they name another file.
        stream: The stream to print to; standard output by default.
        ignored: The number of findings that the site ignores.
        full: The command that prints the findings one by one; empty for none, so that none is
            left out here.
    """
    out = stream or sys.stdout
    coloured = uses_colours(out)
    for group in grouped(findings, file):
        _print_group(group, file, out, full, coloured=coloured)
    ignoring = f" ({ignored} ignored)" if ignored else ""
    print_line(f"{file}: {count_text(findings)}{ignoring}", stream=out)


def grouped(findings: Sequence[Finding], file: str) -> list[list[Finding]]:
    """Return the findings of one rule at one key together, where the first of them was.

    A few findings with different fixes stay apart, so that all their fixes are shown. Findings at
    several keys that one fix ends are together, too.

    Args:
        findings: The findings.
        file: The name of the file of findings that name none.
    """
    groups: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        place = finding.id, finding.severity, finding.path, finding.file, finding.line
        groups.setdefault(place, []).append(finding)
    return _with_one_fix([part for group in groups.values() for part in _parts(group)], file)


def _parts(group: list[Finding]) -> list[list[Finding]]:
    are_alike = len({finding.fix for finding in group}) == 1
    return [group] if are_alike or len(group) > _MOST_FIXES else [[finding] for finding in group]


def _with_one_fix(groups: Sequence[list[Finding]], file: str) -> list[list[Finding]]:
    """Return groups of which those at many keys with the same fix are one."""
    by_fix: dict[Hashable, list[list[Finding]]] = {}
    for number, group in enumerate(groups):
        by_fix.setdefault(_remedy(group, file) or number, []).append(group)
    return [
        part
        for alike in by_fix.values()
        for part in ([list(itertools.chain(*alike))] if len(alike) >= _FEWEST_KEYS else alike)
    ]


def _remedy(group: Sequence[Finding], file: str) -> Hashable:
    """Return what findings at several keys must share to be one group; None if they stay apart.

    Juju reports each key by itself.
    """
    first = group[0]
    is_one = first.source == "lab" and len({finding.fix for finding in group}) == 1
    name = first.file or file
    return (first.id, first.severity, name, first.fix) if is_one and first.fix else None


def _print_group(
    group: list[Finding], file: str, out: TextIO, full: str, *, coloured: bool
) -> None:
    """Print findings of one rule: their messages, and how to fix the first."""
    finding = group[0]
    location = finding.file or file
    if finding.line:
        location += f":{finding.line}"
    severity = finding.severity.value
    if coloured:
        colour = _RED if finding.severity is Severity.ERROR else _YELLOW
        severity = Painted(f"{_BOLD}{colour}{severity}{_PLAIN}")
    keys = len({other.path for other in group})
    key = f"{_key(finding)} and {counted(keys - 1, 'more key')}" if keys > 1 else _key(finding)
    author = f" (message from Juju{_moment(finding)})" if finding.source == "juju" else ""
    print_line(f"{location}: ", severity, f" {finding.id} at {key}{author}", stream=out)
    for message in group_messages(group, full):
        print_message(message, indent="    ", stream=out)
    if finding.fix:
        are_alike = len({finding.fix for finding in group}) == 1
        others = "" if are_alike else f" (and {len(group) - 1} more like it)"
        print_line("    fix: ", finding.fix, others, stream=out)


def _key(finding: Finding) -> str:
    return path_text(finding.path) or "the top"


def group_messages(group: Sequence[Finding], full: str = "") -> Iterator[str]:
    """Yield the messages of a group: with several keys, one for each.

    Args:
        group: The findings of the group.
        full: The command that prints the findings one by one, so that many messages are not
            printed here; empty if there is no such command.
    """
    keys: dict[KeyPath, list[Finding]] = {}
    for finding in group:
        keys.setdefault(finding.path, []).append(finding)
    messages = list(dict.fromkeys(finding.message for finding in group))
    if len(keys) > 1:
        messages = [_message_of_key(findings) for findings in keys.values()]
    shown = _MOST_MESSAGES if full else len(messages)
    yield from messages[:shown]
    if len(messages) > shown:
        yield f"and {len(messages) - shown} more; run `{full}` to see all of them"


def _message_of_key(findings: Sequence[Finding]) -> str:
    first, others = findings[0], len({finding.message for finding in findings}) - 1
    line = f"line {first.line}, " if first.line else ""
    more = f" (and {others} more like it)" if others else ""
    return f"{line}{_key(first)}: {first.message}{more}"


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
