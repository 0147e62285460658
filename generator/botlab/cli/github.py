"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request.

Their form, and the characters to escape, are those of GitHub's documentation "Workflow commands
for GitHub Actions" and of its toolkit (actions/toolkit packages/core/src/command.ts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..findings import Finding

_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def workflow_commands(findings: Iterable[Finding], file: str) -> Iterator[str]:
    """Yield one workflow command for each finding.

    Args:
        findings: The findings.
        file: The name of the file that was read first.
    """
    for finding in findings:
        properties = {
            "file": finding.file or file,
            "line": str(finding.line or ""),
            "col": str(finding.column or ""),
            "title": finding.id,
        }
        text = f"{finding.message}\nfix: {finding.fix}" if finding.fix else finding.message
        yield f"::{finding.severity.value} {_joined(properties)}::{text.translate(_IN_MESSAGES)}"


def _joined(properties: dict[str, str]) -> str:
    given = ((name, value) for name, value in properties.items() if value)
    return ",".join(f"{name}={value.translate(_IN_PROPERTIES)}" for name, value in given)
