"""Values of JSON documents whose types are not known."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.json_values import list_of, mapping_of, text_of


@pytest.mark.parametrize(
    ("value", "mapping", "entries", "text"),
    [
        ({"a": 1}, {"a": 1}, [], ""),
        ([1], {}, [1], ""),
        ("x", {}, [], "x"),
        (3, {}, [], "3"),
        (1.5, {}, [], "1.5"),
        (0, {}, [], "0"),
        (True, {}, [], ""),
        (None, {}, [], ""),
    ],
)
def test_value_of_another_type_is_empty(
    value: object, mapping: dict[str, Any], entries: list[Any], text: str
) -> None:
    """A number may stand for its text, but true and false may not."""
    assert (mapping_of(value), list_of(value), text_of(value)) == (mapping, entries, text)
