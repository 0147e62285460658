"""The order of entries that wait for each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botlab.passes import in_passes

NAMES = "abcdefg"


@pytest.mark.parametrize(
    ("requirements", "order"),
    [
        ({}, ""),
        ({"a": "", "b": "a", "c": "b"}, "abc"),
        ({"a": "b", "b": "c", "c": ""}, "cba"),
        ({"a": "c", "b": "", "c": "b", "d": "c"}, "bcda"),
        ({"a": "bb", "b": ""}, "ba"),
        ({"a": "b", "b": "a", "c": ""}, "c"),
        ({"a": "a", "b": "x", "c": "b"}, ""),
    ],
)
def test_order_is_that_of_passes(requirements: dict[str, str], order: str) -> None:
    """Names that wait for each other, or for an unknown name, are left out."""
    assert in_passes(requirements) == list(order)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES + "xy")))))
def test_order_is_that_of_passes_over_all_names(entries: list[tuple[str, set[str]]]) -> None:
    requirements = dict(entries)

    assert in_passes(requirements) == passes(requirements)


def passes(requirements: dict[str, set[str]]) -> list[str]:
    """Return the order of names by making the passes."""
    taken: list[str] = []
    waiting = [*requirements]
    while waiting:
        postponed: list[str] = []
        for name in waiting:
            (taken if requirements[name] <= {*taken} else postponed).append(name)
        if postponed == waiting:
            break
        waiting = postponed
    return taken
