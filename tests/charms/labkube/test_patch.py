"""The comparison of a live object with its desired state, and the patch between them."""

from __future__ import annotations

from typing import Any

import pytest

from labkube.apply.patch import covers, merge_patch, removals


@pytest.mark.parametrize(
    ("live", "desired"),
    [
        ({"a": 1, "server": 2}, {"a": 1}),
        ({"a": [{"x": 1, "server": 2}]}, {"a": [{"x": 1}]}),
        ({}, {"a": {}, "b": [], "c": None, "d": "", "e": False}),
        (None, {}),
    ],
)
def test_live_object_may_have_more_than_is_desired(live: Any, desired: Any) -> None:
    """The server fills fields in, and drops empty ones."""
    assert covers(live, desired)


@pytest.mark.parametrize(
    ("live", "desired"),
    [
        ({"a": 1}, {"a": 2}),
        ({}, {"a": True}),
        ({"a": [1, 2]}, {"a": [1]}),
        ({"a": [1]}, {"a": []}),
        ({"a": "text"}, {"a": {"b": 1}}),
    ],
)
def test_difference_is_recognized(live: Any, desired: Any) -> None:
    assert not covers(live, desired)


def test_patch_changes_and_removes_only_what_was_applied() -> None:
    applied = {"data": {"ours": "1", "old": "2"}}
    live = {"data": {"ours": "1", "old": "2", "foreign": "3"}}
    desired = {"data": {"ours": "4"}}

    patch = merge_patch(applied, live, desired)
    assert patch == {"data": {"ours": "4", "old": None}}
    assert removals(patch) == {"data": {"old": None}}


def test_patch_of_an_object_in_its_desired_state_is_empty() -> None:
    live = {"data": {"a": "1", "foreign": "2"}}
    assert merge_patch({"data": {"a": "1"}}, live, {"data": {"a": "1"}}) == {}
    assert removals({"data": {"a": "1"}}) == {}
