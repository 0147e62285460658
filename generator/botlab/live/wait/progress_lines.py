"""The progress of a wait as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .missing import Activity, Missing
from .progress import Progress
from .readiness import Count, Readiness

# How many units of an application are described.
_MOST_UNITS = 3


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """A line about one subject.

    Attributes:
        subject: The subject, such as ``machines`` or the name of an application.
        text: The line without the subject.
        is_serious: Whether it reports an error, or something that a person must do.
    """

    subject: str
    text: str
    is_serious: bool = False

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}"


def progress_lines(progress: Progress, *, with_hooks: bool = False) -> list[ProgressLine]:
    """Return the lines: the controller and the phase, machines, then applications in order.

    Args:
        progress: The progress.
        with_hooks: Whether to show what agents do. Otherwise a unit that is active counts as
            ready although it runs hooks, which change every few seconds.
    """
    return list(_lines(progress, with_hooks=with_hooks))


def changed_lines(
    lines: list[ProgressLine], printed: Mapping[str, ProgressLine]
) -> list[ProgressLine]:
    """Return the lines that differ from those last printed.

    Args:
        lines: The lines of the current progress.
        printed: The lines last printed, by subject.
    """
    return [line for line in lines if printed.get(line.subject) != line]


def _lines(progress: Progress, *, with_hooks: bool) -> Iterator[ProgressLine]:
    if progress.trouble:
        text = f"out of reach, trying again: {progress.trouble}"
        yield ProgressLine("controller", text, is_serious=True)
    else:
        yield ProgressLine("controller", "answers")
    yield ProgressLine("phase", progress.phase.title)
    readiness = progress.readiness
    for kind, count in (("machine", readiness.machines), ("container", readiness.containers)):
        if count.expected:
            yield _machine_line(f"{kind}s", count, _of_kind(readiness, kind))
    for name, count in readiness.applications.items():
        missing = [part for part in readiness.missing if part.application == name]
        if not with_hooks:
            count, missing = _without_hooks(count, missing)
        yield _application_line(name, count, missing)
    if readiness.notes:
        yield ProgressLine("note", "; ".join(readiness.notes))


def _of_kind(readiness: Readiness, kind: str) -> list[Missing]:
    return [part for part in readiness.missing if part.kind == kind]


def _machine_line(subject: str, count: Count, missing: list[Missing]) -> ProgressLine:
    details = [f"{part.name} {part.message or part.state}" for part in missing]
    text = f"{count} started"
    return _line(subject, "; ".join((text, *_shortened(details))), missing)


def _application_line(name: str, count: Count, missing: list[Missing]) -> ProgressLine:
    if not missing and count.is_complete:
        return ProgressLine(name, f"ready ({count})")
    if not missing:
        return ProgressLine(name, f"{count} ready; its principal units do not exist yet")
    ordered = sorted(missing, key=lambda part: not _is_serious(part))
    details = [_detail(part) for part in ordered]
    return _line(name, "; ".join((f"{count} ready", *_shortened(details))), missing)


def _without_hooks(count: Count, missing: list[Missing]) -> tuple[Count, list[Missing]]:
    """Return the count and the parts as they would be if the agents of all units were idle."""
    idle = [
        replace(part, agent="")
        for part in missing
        if not (part.is_busy and part.state == "active")
    ]
    return Count(count.ready + len(missing) - len(idle), count.expected), idle


def _detail(part: Missing) -> str:
    if part.kind == "application":
        return part.message
    message = f": {part.message}" if part.message else ""
    return f"{part.name} {part.state}{message}{f' ({part.agent})' if part.agent else ''}"


def _shortened(details: list[str]) -> list[str]:
    rest = len(details) - _MOST_UNITS
    return details if rest <= 0 else [*details[:_MOST_UNITS], f"and {rest} more"]


def _line(subject: str, text: str, missing: list[Missing]) -> ProgressLine:
    return ProgressLine(subject, text, is_serious=any(map(_is_serious, missing)))


def _is_serious(part: Missing) -> bool:
    return part.activity in (Activity.BLOCKED, Activity.FAILED)
