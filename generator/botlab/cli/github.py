"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request.

Their form, and the characters to escape, are those of GitHub's documentation "Workflow commands
for GitHub Actions" and of its toolkit (actions/toolkit packages/core/src/command.ts).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import BotlabError
from ..findings import Finding
from .style import group_messages, grouped

_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def workflow_commands(findings: Sequence[Finding], file: str, full: str = "") -> Iterator[str]:
    """Yield one workflow command for each group of findings, at the place of its first.

    GitHub shows only ten warnings and ten errors of a step.

    Args:
        findings: The findings.
        file: The name of the file that was read first.
        full: The command that prints the findings one by one; empty for none.
    """
    for group in grouped(findings, file):
        first = group[0]
        fix = [f"fix: {first.fix}"] if first.fix else []
        text = "\n".join([*group_messages(group, full), *fix])
        place = first.file or file, first.line, first.column
        yield _command(first.severity.value, text, first.id, *place)


def error_command(error: BotlabError) -> str:
    """Return the workflow command for input that cannot be read."""
    return _command("error", error.message, "botlab", error.file, error.line, error.column)


def _command(kind: str, text: str, title: str, file: str, line: int, column: int) -> str:
    numbers = {"line": str(line or ""), "col": str(column or "")}
    properties = _joined({"file": file, **numbers, "title": title})
    return f"::{kind} {properties}::{text.translate(_IN_MESSAGES)}"


def _joined(properties: dict[str, str]) -> str:
    given = ((name, value) for name, value in properties.items() if value)
    return ",".join(f"{name}={value.translate(_IN_PROPERTIES)}" for name, value in given)
