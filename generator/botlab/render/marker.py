"""The mark of a generated file: its author, its input, and whether it was edited."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from .. import __version__

_FIELDS = r"botlab (\S+); input ([0-9a-f]{16}); text ([0-9a-f]{16})"
# A script has the line of its shell above the mark; in SVG, HTML and Markdown it is a comment.
_MARK = re.compile(rf"(?:#![^\n]*\n)?(?:# |<!-- ){_FIELDS}(?: -->)?\n")
# What remains of a mark when people write above it, indent it, or change the ends of the lines.
_COMMENT = re.compile(rf"^[ \t]*(?:#|//)[ \t]*{_FIELDS}[ \t\r]*$", re.MULTILINE)


class Mark(NamedTuple):
    """The mark of a bundle, a plan, a picture or a runbook.

    Attributes:
        version: The version of botlab that wrote the file.
        source: The digest of the input.
        is_edited: Whether the text below the mark differs from what botlab wrote.
    """

    version: str
    source: str
    is_edited: bool


def digest(text: str) -> str:
    """Return a short SHA-256 digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def add_mark(body: str, source: str, origin: str = "site file") -> str:
    """Return a bundle or a plan with its mark at the top.

    Args:
        body: The text of the file. A line that begins with ``#`` must be a comment in it.
        source: The input that the file was made from. The mark holds its digest.
        origin: The kind of file to change instead.
    """
    head = f"# botlab {__version__}; input {digest(source)}; text {digest(body)}\n"
    return f"{head}# Made from the {origin}: change that, not this.\n{body}"


def add_markup_mark(body: str, source: str, origin: str) -> str:
    """Return SVG, HTML or Markdown with its mark at the top.

    Args:
        body: The text of the file.
        source: The input that the file was made from. The mark holds its digest.
        origin: What to change instead.
    """
    lines = add_mark(body, source, origin).splitlines()[:2]
    comments = (f"<!-- {line.removeprefix('# ')} -->\n" for line in lines)
    return "".join(comments) + body


def read_mark(text: str) -> Mark | None:
    """Return the mark of a file; None when botlab did not write it."""
    match = _MARK.match(text)
    if match is None:
        return None
    body = text[match.end() :].partition("\n")[2]
    return Mark(match.group(1), match.group(2), is_edited=digest(body) != match.group(3))


def has_mark(text: str) -> bool:
    """Return whether any comment of a bundle or a plan is a mark, also below other lines."""
    return _COMMENT.search(text) is not None
