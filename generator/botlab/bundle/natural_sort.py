"""The order in which Juju sorts names (juju/naturalsort)."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]+)", re.ASCII)


def natural(text: str) -> list[tuple[str, int, str]]:
    """Return a key that sorts as juju/naturalsort does: digits count as numbers.

    A number is its count of digits and its digits, which sort like the number and have no limit.
    """
    pieces = _DIGITS.split(text)
    numbers = [digits.lstrip("0") for digits in pieces[1::2]]
    key = [(text, len(digits), digits) for text, digits in zip(pieces[::2], numbers, strict=False)]
    return [*key, (pieces[-1], -1, "")] if pieces[-1] else key
