"""JSON texts that Python's own parser accepts, or refuses in its own way."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from botlab import json_text
from botlab.errors import BotlabError
from botlab.inventory.dumps import ADVICE, Dump, inventory_of_dumps
from botlab.json_text import load_json
from botlab.juju import Juju
from botlab.plan.model_file import ModelFile, read_model

_DEEP = "is not valid JSON: it is nested too deeply, more than 200 levels"
REFUSED = {
    '{"a": NaN}': "is not valid JSON: NaN is not a number of JSON",
    '{"a": [-Infinity]}': "is not valid JSON: -Infinity is not a number of JSON",
    '{"a": 1e400}': "is not valid JSON: 1e400 is too large for a number",
    '{"a": -1e999999}': "is not valid JSON: -1e999999 is too large for a number",
    '{"a": "\\ud800"}': "'\\ud800' is half of a character",
    '{"\\uDFFF": 1}': "'\\udfff' is half of a character",
    '{"a":' + "[" * 201 + "]" * 201 + "}": _DEEP,
    '{"a":' + "[" * 100_000: _DEEP,
    "{": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"), REFUSED.items(), ids=lambda text: text[:20].replace("\\", "/")
)
def test_each_reader_of_json_refuses_a_text_with_the_same_words(text: str, problem: str) -> None:
    """A dump of MAAS, and the output of Juju."""
    with pytest.raises(BotlabError) as refused:
        load_json(text, "file")
    with pytest.raises(BotlabError) as dump:
        inventory_of_dumps([Dump(text, "file")], "file")
    with pytest.raises(BotlabError) as status:
        read_model([ModelFile(text, "file")], Juju.V2_9)

    if problem:
        assert str(refused.value) == f"file: {problem}"
    else:  # The rest of the words come from Python.
        assert str(refused.value).startswith("file: is not valid JSON: Expecting property name")
    assert str(dump.value) == f"{refused.value}; {ADVICE}"
    assert str(status.value) == str(refused.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, "x", null, true]}', {"a": [1, 2.5, "x", None, True]}),
        ('"\\ud83d\\ude00 \\\\ud800"', "\U0001f600 \\ud800"),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775809", -(2**63) - 1),
        ("9" * 5000, 2**64),
        ("-" + "9" * 5000, -(2**64)),
        ("[" * 200 + "]" * 200, json.loads("[" * 200 + "]" * 200)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_values_of_json_are_read(text: str, value: Any) -> None:
    """A number may have any number of digits, and a character two halves."""
    assert load_json(text, "file") == value


def test_values_are_counted_before_they_take_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commas and brackets in a string are no values."""
    monkeypatch.setattr(json_text, "MAX_NODES", 1000)
    assert load_json(json.dumps(["[,{" * 1000, '"[,{\\"' * 1000]), "file")
    assert len(load_json(json.dumps([0] * 1000), "file")) == 1000

    text = f"[{'[],' * 200_000}[]]"
    tracemalloc.start()
    with pytest.raises(BotlabError, match=r"^file: has more than 1,000 values; split the file$"):
        load_json(text, "file")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * len(text)
