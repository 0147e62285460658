"""Values as YAML text."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from botlab.yaml_text import yaml_flow, yaml_lines

VALUES: list[Any] = [
    "", "a", "yes", "1.13", "1e3", "0x1f", "~", ".nan", "a\nb: c",
    "\x85\u2028\u202e\ufeff\uffff\x00",
    "\U0001f600", "'\"\\ {}[],#&*!|>%@`", " x " * 100_000, True, None, 1, 1.5, 10**30,
    ["a\nb", {"k\n": ["1"]}], {"no": {"y": "n"}}, [], {},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_value_is_one_line_of_ascii_that_is_read_back_unchanged(value: Any) -> None:
    """Also inside of another value. Strings are always quoted."""
    text = yaml_flow(value)

    assert yaml.safe_load(f"a: [{text}, {text}]") == {"a": [value, value]}
    assert (text.isascii(), text.isprintable()) == (True, True)
    assert not isinstance(value, str) or text[0] == text[-1] == '"'


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_lines_of_a_mapping_are_read_back_unchanged(value: Any) -> None:
    """With any indentation. A text cannot add a line that is not part of its key."""
    lines = list(yaml_lines({"k": value, "z": "end"}, "    "))

    assert yaml.safe_load("\n".join(["top:", *lines])) == {"top": {"k": value, "z": "end"}}
    assert [line for line in lines if not line.isprintable() or line[:4] != "    "] == []
    assert lines[-1] == "    z: end"


@given(st.text())
def test_text_without_escapes_is_what_the_dumper_writes(text: str) -> None:
    """The text in quotes is the same, whichever way it takes."""
    (dumped,) = yaml.safe_load(f"[{yaml_flow(text)}]")

    assert yaml_flow([text]) == f"[{yaml_flow(text)}]"
    assert dumped == text
