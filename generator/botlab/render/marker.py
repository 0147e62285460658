"""The mark that a generated bundle carries: who wrote it, from what, and whether it was edited."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from .. import __version__

_MARK = re.compile(r"# botlab (\S+); input ([0-9a-f]{16}); text ([0-9a-f]{16})\n")


@dataclass(frozen=True, slots=True)
class Marked:
    """What the mark of a file says; ``edited`` when the text below it is not what was written."""

    version: str
    source: str
    edited: bool


def digest(text: str) -> str:
    """Return a short SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def mark(body: str, source: str) -> str:
    """Put the mark above a bundle.

    Args:
        body: The bundle's text.
        source: What it was made from; a hash of it is kept.
    """
    head = f"# botlab {__version__}; input {digest(source)}; text {digest(body)}\n"
    return f"{head}# Made from the site file: change that, not this.\n{body}"


def read_mark(text: str) -> Marked | None:
    """Read the mark of a file; None when botlab did not write it."""
    match = _MARK.match(text)
    if match is None:
        return None
    body = text[match.end() :].partition("\n")[2]
    return Marked(match.group(1), match.group(2), edited=digest(body) != match.group(3))
