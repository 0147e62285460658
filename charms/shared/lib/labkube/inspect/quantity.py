"""Quantities as Kubernetes writes them, such as 3.9Gi, 100m, 1e3 or 2E.

Source: apimachinery, pkg/api/resource/quantity.go and suffix.go. A quantity is a decimal number
and one suffix, or an exponent; "E" alone is the suffix, "E3" the exponent.
"""

import re
from fractions import Fraction
from typing import Sequence

from labcharm.json_types import JsonValue

_QUANTITY = re.compile(
    r"([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,4}))?", re.ASCII
)
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_NANO = 3  # places of _DECIMAL below one


def parse_quantity(text: str) -> Fraction:
    """Return the number that a quantity stands for.

    Raises:
        ValueError: When the text is not a quantity.
    """
    match = _QUANTITY.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a quantity; write one such as 1.5Gi, 500m or 2e3")
    sign, digits, suffix, exponent = match.groups()
    number = Fraction(digits + "0" if digits.endswith(".") else digits)
    if suffix in _BINARY:
        number *= 1024 ** _BINARY.index(suffix)
    elif suffix:
        number *= Fraction(1000) ** (_DECIMAL.index(suffix) - _NANO)
    elif exponent:
        number *= Fraction(10) ** int(exponent)
    return -number if sign == "-" else number


def canonical_quantity(amount: JsonValue) -> JsonValue:
    """Return a quantity as the server writes it: "1" for "1000m", "512Mi" for "0.5Gi".

    What is not a quantity is returned as it is, and so is a number with an exponent, which no
    upstream manifest has. Source: quantity.go, CanonicalizeBytes.

    Args:
        amount: Such as "1000m", "0.5Gi", 2 or 1.5.
    """
    match = _QUANTITY.fullmatch(str(amount))
    if not match or isinstance(amount, bool) or match.group(4):
        return amount
    number = parse_quantity(str(amount))
    if match.group(3) in _BINARY and number.denominator == 1:
        return _format(number, _BINARY)
    nano = -((-number * 1000**_NANO) // 1)  # what is smaller than a nano is rounded up
    return _format(Fraction(nano), _DECIMAL)


def _format(number: Fraction, suffixes: Sequence[str]) -> str:
    """Write a number, counted in the first suffix, with the largest suffix that keeps it whole."""
    if number == 0:
        return "0"
    step = 1024 if suffixes is _BINARY else 1000
    place = 0
    while number % step == 0 and place + 1 < len(suffixes):
        number, place = number / step, place + 1
    return f"{number}{suffixes[place]}"
