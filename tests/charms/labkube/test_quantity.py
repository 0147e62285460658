"""Quantities of Kubernetes: parsed, and written as the server does."""

from __future__ import annotations

from fractions import Fraction

import pytest

from labkube.inspect.quantity import canonical_quantity, parse_quantity


# The table in apimachinery's own tests has most of these.
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("100", 100), ("+7", 7), ("-7", -7), ("-1k", -1000), ("1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)), ("5.", 5),
        ("100m", Fraction(1, 10)), ("1u", Fraction(1, 10**6)), ("1n", Fraction(1, 10**9)),
        ("1k", 1000), ("1M", 10**6), ("1G", 10**9), ("1T", 10**12), ("1P", 10**15), ("1E", 10**18),
        ("2E", 2 * 10**18), ("2E3", 2000),
        ("1Ki", 1024), ("1Mi", 1024**2), ("1.5Gi", 3 * 1024**3 // 2), ("1Ti", 1024**4),
        ("1Pi", 1024**5), ("1Ei", 1024**6),
        ("1e3", 1000), ("1E3", 1000), ("1.25e2", 125), ("5e-1", Fraction(1, 2)), ("2e+2", 200),
        ("16388176Ki", 16388176 * 1024),
    ],
)  # fmt: skip
def test_quantity_is_a_number(text: str, number: Fraction) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1 Gi", "Gi", "1gi", "1K", "1ki", "1e", "e3", "1e3Ki", "1.5.5",
             "0x10", "1_000", "--1", "1e99999", "٣", "१", "1\n", "Infinity", "nan"],
)  # fmt: skip
def test_text_that_is_not_a_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a quantity; write one such as 1\.5Gi, "):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("amount", "canonical"),
    [
        ("1000m", "1"),
        ("0.5Gi", "512Mi"),
        (2, "2"),
        (1.5, "1500m"),
        ("0Gi", "0"),
        ("0.3Ki", "307200m"),
        ("1e3", "1e3"),
        ("much", "much"),
        (True, True),
        (None, None),
    ],
)
def test_quantity_is_written_as_the_server_does(amount: object, canonical: object) -> None:
    assert canonical_quantity(amount) == canonical
