"""JSON and YAML from elsewhere: whatever is wrong with it, there is one kind of error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from helpers.damage import damaged, damaged_texts, refusals
from labcharm.documents import (
    DocumentError,
    decode_text,
    parse_json,
    parse_object,
    parse_yaml,
    read_text,
)

DOCUMENT = {"a": [1, 2.5, None, True], "b": {"c": "d\u00e9", "e": "2019-03-04"}, "f": "12:30"}
DEEP = "[" * 100_000


@pytest.mark.parametrize("text", ["", "{", "nul", DEEP, b"\xff\xfe\xff", b'"\xed\xa0\x80"'])
def test_text_that_is_not_json_is_a_value_error(text: str | bytes) -> None:
    """Deep nesting is one too; `json` raises another class for it."""
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)
    assert parse_object(text) is None


def test_only_objects_are_objects() -> None:
    assert parse_object('{"a": 1}') == {"a": 1}
    assert [parse_object(text) for text in (None, "[]", "1", "null", '"a"')] == [None] * 5


def test_damaged_json_gives_an_object_or_none() -> None:
    content = json.dumps(DOCUMENT).encode()
    results = [parse_object(copy) for copy in damaged(content)]

    assert results.count(None) > 100


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [1", "is not YAML (line 1: expected ',' or ']', but got '<stream end>')"),
        ("!!bool maybe", "is not YAML ('maybe')"),
        ("a: !!timestamp today", "is not YAML ('NoneType' object has no attribute 'groupdict')"),
        ("2019-02-31", "is not YAML (day "),
        ('!!int ""', "is not YAML (string index out of range)"),
        ("[" * 3000, "is not YAML (it is nested too deeply)"),
        ("\0", "is not YAML (unacceptable character #x0000"),
    ],
)
def test_text_that_is_not_yaml_is_named_with_its_source(text: str, reason: str) -> None:
    """PyYAML lets through the errors of every class that its converters raise."""
    with pytest.raises(DocumentError) as raised:
        parse_yaml(yaml.safe_load, text, "option pools")

    assert raised.value.source == "option pools"
    assert raised.value.reason.startswith(reason)


def test_damaged_yaml_gives_a_document_or_the_error() -> None:
    text = yaml.safe_dump(DOCUMENT)
    messages = refusals(
        lambda copy: parse_yaml(yaml.safe_load, copy, "the file"),
        damaged_texts(text),
        DocumentError,
    )
    assert len(messages) > 50
    assert {message.partition("(")[0] for message in messages} == {"the file is not YAML "}
    assert "\n" not in "".join(messages)


def test_text_of_a_file_is_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_bytes("d\u00e9".encode())

    assert read_text(str(path), "resource manifest") == "d\u00e9"
    path.write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(DocumentError, match=r"^resource manifest is not text in UTF-8$"):
        read_text(str(path), "resource manifest")
    with pytest.raises(DocumentError, match=r"^https://x is not text in UTF-8$"):
        decode_text(b"\xff", "https://x")
    message = "^resource manifest cannot be read: No such file or directory$"
    with pytest.raises(DocumentError, match=message):
        read_text(str(tmp_path / "gone"), "resource manifest")
