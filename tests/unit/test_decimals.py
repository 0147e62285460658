"""Decimal numbers of any length."""

from __future__ import annotations

import pytest

from botlab.decimals import bounded_int, is_decimal, parse_int


@pytest.mark.parametrize("text", ["", "²", "٣", "1²", "+1", "1_0", " 1"])
def test_other_characters_than_ascii_digits_are_no_decimal_number(text: str) -> None:
    """``str.isdigit`` accepts some of them."""
    assert not is_decimal(text)
    assert is_decimal("0123456789")


@pytest.mark.parametrize(
    ("digits", "number"),
    [("0", 0), ("7", 7), ("008", 8), ("100", 99), ("9" * 5000, 99), ("0" * 5000 + "5", 5)],
)
def test_number_is_at_most_the_greatest_one(digits: str, number: int) -> None:
    """Zeros at the start do not count as digits."""
    assert bounded_int(digits, 99) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-5", -5),
        ("+5", 5),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        (str(-(2**63)), -(2**63)),
        (str(-(2**63) - 1), None),
        ("1" * 5000, None),
        ("+-5", None),
        ("²", None),
        ("", None),
    ],
)
def test_integer_is_read_as_by_atoi(text: str, number: int | None) -> None:
    """One sign, ASCII digits, and 64 bits."""
    assert parse_int(text) == number
