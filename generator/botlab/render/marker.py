"""The mark of a generated bundle: its author, its input, and whether it was edited."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from .. import __version__

_MARK = re.compile(r"# botlab (\S+); input ([0-9a-f]{16}); text ([0-9a-f]{16})\n")


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a bundle.

    Attributes:
        version: The version of botlab that wrote the bundle.
        source: The digest of the input.
        is_edited: Whether the text below the mark differs from what botlab wrote.
    """

    version: str
    source: str
    is_edited: bool


def digest(text: str) -> str:
    """Return a short SHA-256 digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def add_mark(body: str, source: str) -> str:
    """Return a bundle with its mark at the top.

    Args:
        body: The text of the bundle.
        source: The input that the bundle was made from. The mark holds its digest.
    """
    head = f"# botlab {__version__}; input {digest(source)}; text {digest(body)}\n"
    return f"{head}# Made from the site file: change that, not this.\n{body}"


def read_mark(text: str) -> Mark | None:
    """Return the mark of a bundle; None when botlab did not write it."""
    match = _MARK.match(text)
    if match is None:
        return None
    body = text[match.end() :].partition("\n")[2]
    return Mark(match.group(1), match.group(2), is_edited=digest(body) != match.group(3))
