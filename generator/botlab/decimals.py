"""Decimal numbers in texts: ASCII digits only, and of any length.

``str.isdigit`` accepts characters such as ``²`` that neither Juju nor ``int`` reads as a digit,
and ``int`` refuses more than 4,300 digits.
"""

from __future__ import annotations

# The greatest value of Go's type int.
GREATEST_INT = 2**63 - 1
# The greatest value of Go's type uint64.
GREATEST_UINT = 2**64 - 1


def is_decimal(text: str) -> bool:
    """Return whether a text consists of ASCII digits, at least one of them."""
    return text.isascii() and text.isdigit()


def bounded_int(digits: str, greatest: int = GREATEST_INT) -> int:
    """Return the number that some digits write, or the greatest number if they exceed it.

    Args:
        digits: A text for which :func:`is_decimal` is true.
        greatest: The greatest number to return.
    """
    significant = digits.lstrip("0")
    if len(significant) > len(str(greatest)):
        return greatest
    return min(int(significant or "0"), greatest)


def parse_int(text: str) -> int | None:
    """Return the number that Go's ``strconv.Atoi`` reads; None when it refuses the text."""
    sign = text[:1] if text[:1] in ("+", "-") else ""
    digits = text[len(sign) :]
    if not is_decimal(digits):
        return None
    magnitude = bounded_int(digits, GREATEST_INT + 2)
    number = -magnitude if sign == "-" else magnitude
    return number if -GREATEST_INT - 1 <= number <= GREATEST_INT else None
