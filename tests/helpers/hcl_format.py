"""An independent check that a plan has the form that ``tofu fmt`` gives it.

It looks at the lines of the text and shares no code with the writer. Within the subset of HCL that
botlab writes, it has the rules of hclwrite/format.go: two spaces for each open bracket, and the
equals signs of successive assignments below each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ASSIGNMENT = re.compile(r'\s*(?:[\w-]+|"(?:[^"\\]|\\.)*")(?P<gap> +)= (?P<value>.*)')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def format_faults(text: str) -> list[str]:
    """Return the lines of a plan that the formatter would change, each with its number."""
    faults = [] if text.endswith("\n") and not text.endswith("\n\n") else ["the end of the file"]
    lines = list(_code_lines(text))
    faults += [f"{number}: {line}" for number, line in lines if line != line.rstrip()]
    return faults + list(_wrong_indents(lines)) + list(_wrong_columns(lines))


def _code_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers, without those inside heredocs."""
    end = ""
    for number, line in enumerate(text.split("\n"), 1):
        if end:
            end = "" if line.strip() == end else end
            continue
        yield number, line
        start = re.search(r"<<(\w+)$", line)
        end = start[1] if start else ""


def _brackets(line: str) -> int:
    code = _STRING.sub("", line)
    return sum(code.count(bracket) for bracket in "{[(") - sum(map(code.count, "}])"))


def _wrong_indents(lines: list[tuple[int, str]]) -> Iterator[str]:
    depth = 0
    for number, line in lines:
        is_closing = line.strip()[:1] in ("}", "]")
        expected = "  " * (depth - is_closing)
        if line and re.match(" *", line)[0] != expected:  # type: ignore[index]
            yield f"{number}: {line}"
        depth += 0 if line.startswith("#") else _brackets(line)


def _wrong_columns(lines: list[tuple[int, str]]) -> Iterator[str]:
    group: list[tuple[int, str]] = []
    for number, line in [*lines, (0, "")]:
        match = _ASSIGNMENT.fullmatch(line)
        if match and _brackets(match["value"]) == 0:
            group.append((number, line))
            continue
        yield from _misaligned(group)
        group = []
        if match and match["gap"] != " ":
            yield f"{number}: {line}"


def _misaligned(group: list[tuple[int, str]]) -> Iterator[str]:
    keys = [_ASSIGNMENT.fullmatch(line).start("gap") for _, line in group]  # type: ignore[union-attr]
    for number, line in group:
        match = _ASSIGNMENT.fullmatch(line)
        if match and match.end("gap") != max(keys) + 1:
            yield f"{number}: {line}"
