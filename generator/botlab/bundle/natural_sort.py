"""The order in which Juju sorts names (juju/naturalsort)."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(\d+)")


def natural(text: str) -> list[tuple[str, int]]:
    """Return a key that sorts as juju/naturalsort does: digits count as numbers."""
    pieces = _DIGITS.split(text)
    pairs = [(pieces[index], int(pieces[index + 1])) for index in range(0, len(pieces) - 1, 2)]
    return [*pairs, (pieces[-1], -1)] if pieces[-1] else pairs
