"""The sections and blocks of a runbook."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLOCK = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of commands, YAML or output.

    Attributes:
        language: ``sh``, ``yaml`` or ``text``.
        lines: Its lines.
    """

    language: str
    lines: tuple[str, ...]


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a text, in their order."""
    return [Block(m[2], tuple(m[3].splitlines())) for m in _BLOCK.finditer(text)]


def sections_of(text: str) -> dict[str, str]:
    """Return the texts of the sections by title, in their order."""
    parts = _SECTION.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
