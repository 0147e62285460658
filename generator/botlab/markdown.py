"""The encoder of Markdown: text of a site becomes code, a cell of a table, or plain text.

The form is that of CommonMark, with the tables of GitHub.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .visible_text import visible

# What would begin markup inside a line of text.
_MARKUP = re.compile(r"([\\`*_\[\]<>&#|~$])")
_BACKTICKS = re.compile(r"`+")
# The parts of a cell that may have a `|`: an escaped character, code, and the `|` itself.
_CELL_PARTS = re.compile(r"\\.|(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|\|")
_ESCAPED_BAR = r"\|"
_NOT_IN_ANCHOR = re.compile(r"[^a-z0-9 -]")
_SHORTEST_FENCE = 3


def heading(level: int, title: str) -> str:
    """Return a heading.

    Args:
        level: Its level, from 1.
        title: Its Markdown.
    """
    return f"{'#' * level} {title}"


def anchor(title: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    return _NOT_IN_ANCHOR.sub("", title.lower()).replace(" ", "-")


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", visible(text))


def code(text: str) -> str:
    """Return a text as code inside a line; nothing for an empty text."""
    shown = visible(text)
    if not shown:
        return ""
    ticks = "`" * (_longest_run(shown) + 1)
    # Markdown removes a space at both ends, except from a text of spaces only.
    is_padded = shown.strip(" ") and (shown[0] in "` " or shown[-1] in "` ")
    pad = " " if is_padded else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def codes(texts: Iterable[str]) -> str:
    """Return texts as code, separated by commas."""
    return ", ".join(code(text) for text in texts)


def shell(*commands: str) -> str:
    """Return a block of commands for the shell."""
    return _block("sh", commands)


def output(*lines: str) -> str:
    """Return what the commands before it print, after a line that says so."""
    return f"Output:\n\n{_block('text', lines)}"


def yaml(*lines: str) -> str:
    """Return a block of YAML."""
    return _block("yaml", lines)


def steps(texts: Iterable[str]) -> str:
    """Return a numbered list."""
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def bullets(texts: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {text}" for text in texts)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table.

    Args:
        titles: The titles of the columns.
        rows: The cells of each row, as Markdown. A ``|`` does not end a cell.
    """
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in lines)


def _cell(markdown: str) -> str:
    return _CELL_PARTS.sub(_cell_part, markdown)


def _cell_part(part: re.Match[str]) -> str:
    """Return a part of a cell that does not end the cell."""
    markdown, content = part[0], part[2]
    if content is None:
        return markdown if markdown[0] == "\\" else r"\|"
    if r"\|" not in content:
        return markdown.replace("|", r"\|")
    # A row is split before code is read, and readers differ on a `|` after two backslashes.
    is_padded = content[0] == content[-1] == " "
    text = plain(content[1:-1] if is_padded else content)
    return f"<code>{text.replace(_ESCAPED_BAR, '&#124;')}</code>"


def _block(language: str, lines: Iterable[str]) -> str:
    shown = [visible(line) for line in lines]
    longest = max((_longest_run(line) for line in shown), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return "\n".join([f"{fence}{language}", *shown, fence])


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
