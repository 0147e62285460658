"""What is wrong with a YAML text, in words for people who do not know how a parser works."""

from __future__ import annotations

from collections.abc import Callable

import yaml

_OPENING = tuple("[{'\"")
# A reason is a function of the lines of the text and of the error. It returns an empty text when
# it does not know better than the parser.
_Reason = Callable[[list[str], yaml.MarkedYAMLError], str]


def plain_reason(text: str, error: yaml.MarkedYAMLError) -> str:
    """Return the cause of a parser's error in plain words.

    Args:
        text: The YAML text.
        error: The error at which the parser stops.

    Returns:
        The cause with the lines to look at, or the parser's own words when no cause is known.
    """
    lines = text.splitlines()
    known = (reason(lines, error) for reason in _REASONS)
    return next((reason for reason in known if reason), _own_words(error))


def _own_words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "syntax error"
    return f"{problem} {error.context}" if error.context else problem


def _tab(lines: list[str], error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark
    if mark is None or "\t" not in _indentation(lines, mark.line)[: mark.column + 1]:
        return ""
    return "the line is indented with a tab; indent it with spaces"


def _other_indentation(lines: list[str], error: yaml.MarkedYAMLError) -> str:
    """Explain a line that belongs to no mapping or list because of its indentation."""
    mark, start = error.problem_mark, error.context_mark
    if mark is None or start is None or not str(error.context).startswith("while parsing a block"):
        return ""
    if mark.column != len(_indentation(lines, mark.line)) or mark.column == start.column:
        return ""
    above = _line_above(lines, mark.line)
    others = {above: len(_indentation(lines, above)), start.line: start.column}
    seen = [
        f"line {number + 1} ({_spaces(column)})"
        for number, column in sorted(others.items(), reverse=True)
        if column != mark.column
    ]
    return (
        f"the line is indented by {_spaces(mark.column)}, which differs from"
        f" {' and from '.join(seen)}; indent it like the line that it belongs to"
    )


def _line_above(lines: list[str], number: int) -> int:
    """Return the number of the last line above a line that is not blank; -1 without one."""
    return next((n for n in range(number - 1, -1, -1) if lines[n].strip()), -1)


def _second_value(lines: list[str], error: yaml.MarkedYAMLError) -> str:
    """Explain a colon after a key that cannot have a value."""
    mark = error.problem_mark
    if mark is None or error.problem != "mapping values are not allowed in this context":
        return ""
    above = _line_above(lines, mark.line)
    if above >= 0 and len(_indentation(lines, mark.line)) > len(_indentation(lines, above)):
        return (
            f"the line is indented more than line {above + 1}, which already has a value; indent"
            " both lines equally"
        )
    return "the line has a second colon; quote the text that contains it"


def _no_colon(_lines: list[str], error: yaml.MarkedYAMLError) -> str:
    start = error.context_mark
    if start is None or error.problem != "could not find expected ':'":
        return ""
    return f"the key on line {start.line + 1} has no colon; write KEY: VALUE"


def _not_closed(lines: list[str], error: yaml.MarkedYAMLError) -> str:
    """Explain a bracket or a quotation mark that has no second one."""
    start = error.context_mark
    parts = ("while parsing a flow", "while scanning a quoted scalar")
    if start is None or not str(error.context).startswith(parts) or start.line >= len(lines):
        return ""
    opened = lines[start.line][start.column : start.column + 1]
    if opened not in _OPENING:
        return ""
    comma = "" if opened in "'\"" else ", or a comma is missing after it"
    return f"the {opened} on line {start.line + 1}, column {start.column + 1} is not closed{comma}"


def _indentation(lines: list[str], number: int) -> str:
    line = lines[number] if number < len(lines) else ""
    return line[: len(line) - len(line.lstrip())]


def _spaces(count: int) -> str:
    return f"{count} space" if count == 1 else f"{count} spaces"


_REASONS: tuple[_Reason, ...] = (_tab, _other_indentation, _second_value, _no_colon, _not_closed)
