"""Fields of documents from elsewhere, whose types are not known."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.live.fields import as_mappings, mapping_at, mappings_at, shortened, text_at

DOCUMENT: dict[str, Any] = {
    "mapping": {"a": 1},
    "list": [{"a": 1}, {}, None, "text", {"b": 2}],
    "text": "text",
    "number": 3,
    "null": None,
}


@pytest.mark.parametrize(
    ("key", "mapping", "mappings", "text"),
    [
        ("mapping", {"a": 1}, [], ""),
        ("list", {}, [{"a": 1}, {"b": 2}], ""),
        ("text", {}, [], "text"),
        ("number", {}, [], ""),
        ("null", {}, [], ""),
        ("missing", {}, [], ""),
    ],
)
def test_field_of_another_type_counts_as_missing(
    key: str, mapping: dict[str, Any], mappings: list[dict[str, Any]], text: str
) -> None:
    """Of a list, only the mappings that are not empty count."""
    assert mapping_at(DOCUMENT, key) == mapping
    assert mappings_at(DOCUMENT, key) == mappings
    assert text_at(DOCUMENT, key) == text
    assert as_mappings(DOCUMENT.get(key)) == mappings


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a\n b\tc ", "a b c"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 197 + "..."),
        ("", ""),
    ],
)
def test_long_text_is_cut_to_one_line(text: str, line: str) -> None:
    assert shortened(text) == line
    assert shortened("abcdef", 5) == "ab..."
    assert shortened("abcde", 5) == "abcde"
