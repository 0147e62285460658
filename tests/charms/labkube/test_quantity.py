"""Quantities of Kubernetes: parsed, and written as the server does."""

from __future__ import annotations

from fractions import Fraction

import pytest

from labkube.inspect.quantity import canonical_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5Gi", Fraction(3 * 2**29)),
        ("100m", Fraction(1, 10)),
        ("2E", Fraction(2 * 10**18)),
        ("2E3", Fraction(2000)),
        ("-1k", Fraction(-1000)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
    ],
)
def test_quantity_is_a_number(text: str, number: Fraction) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize("text", ["", "1 Gi", "Gi", "1gi", "1e", "1\n", "१"])
def test_text_that_is_not_a_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
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
