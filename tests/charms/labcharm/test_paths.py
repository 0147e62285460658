"""Containment of paths, by text."""

from __future__ import annotations

import pytest

from labcharm.paths import is_within


@pytest.mark.parametrize(
    ("path", "root"), [("/srv", "/srv"), ("/srv/a/b", "/srv"), ("/srv", "/"), ("/srv/a", "/srv/")]
)
def test_directory_holds_itself_and_what_is_below(path: str, root: str) -> None:
    assert is_within(path, root)


@pytest.mark.parametrize(("path", "root"), [("/srv2", "/srv"), ("/srv", "/srv/a"), ("/", "/srv")])
def test_neighbour_and_parent_are_outside(path: str, root: str) -> None:
    assert not is_within(path, root)
