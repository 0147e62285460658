"""Values as Go prints them."""

from __future__ import annotations

import math

import pytest

from botlab.bundle.go_text import format_float, format_value, quote


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "<nil>"),
        (True, "true"),
        (-3, "-3"),
        (2**63, "0x8000000000000000"),
        (1.0, "1"),
        (1.5, "1.5"),
        ('a"b\n', '"a\\"b\\n"'),
        ([], "[]interface {}{}"),
        ([1, "x", None, 2.5], '[]interface {}{1, "x", interface {}(nil), 2.5}'),
        (
            {"b": 1, "a": [True], 3: None},
            'map[interface {}]interface {}{"a":[]interface {}{true}, "b":1, 3:interface {}(nil)}',
        ),
    ],
)
def test_option_is_printed_with_its_go_syntax(value: object, text: str) -> None:
    """As the verb %#v prints what the YAML library decoded."""
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (100000.0, "100000"),
        (1e6, "1e+06"),
        (1234567.0, "1.234567e+06"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-2.5e-7, "-2.5e-07"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_float_has_an_exponent_where_go_prints_one(number: float, text: str) -> None:
    """From one million on, and below one ten-thousandth."""
    assert format_float(number) == text


def test_quoted_text_has_the_escapes_of_go() -> None:
    """Printable characters stay."""
    assert quote("é\t\x01\u2028") == '"é\\t\\x01\\u2028"'
