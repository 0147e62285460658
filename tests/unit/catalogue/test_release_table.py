"""The release tables of the charms."""

from __future__ import annotations

import pytest

from botlab.catalogue.release_table import KubernetesRange, default_release

DEFAULTS = [
    {"kubernetes": "1.23", "release": "new"},
    {"kubernetes": "1.13", "release": "old"},
]


def test_range_contains_both_of_its_ends() -> None:
    """A range without a newest release has no upper end."""
    limited = KubernetesRange.of_row({"oldest": "1.9", "newest": "1.13"})
    unlimited = KubernetesRange.of_row({"oldest": "1.9"})

    assert [(1, minor) in limited for minor in (8, 9, 13, 14)] == [False, True, True, False]
    assert [(1, minor) in unlimited for minor in (8, 9, 140)] == [False, True, True]


def test_range_is_written_as_people_write_it() -> None:
    """Messages show it."""
    assert str(KubernetesRange((1, 9), (1, 13))) == "1.9 to 1.13"
    assert str(KubernetesRange((1, 23))) == "1.23 and later"


@pytest.mark.parametrize(
    ("kubernetes", "release"),
    [((1, 12), None), ((1, 13), "old"), ((1, 22), "old"), ((1, 23), "new"), ((2, 0), "new")],
)
def test_default_release_is_the_first_row_that_is_not_newer(
    kubernetes: tuple[int, int], release: str | None
) -> None:
    """A cluster that is older than every row has no default release."""
    assert default_release(DEFAULTS, kubernetes) == release
