"""JSON documents that the client prints."""

from __future__ import annotations

import json

import pytest

from botlab.live.client.json_output import DamagedOutputError, read_json, read_object

DOCUMENT = json.dumps({"model": {"name": "bot"}, "machines": {"0": {"cores": 1.5}}}, indent=1)


def problem_of(text: str) -> str:
    with pytest.raises(DamagedOutputError) as caught:
        read_object("juju status", text)
    start, _, rest = str(caught.value).partition(" (")
    problem, end, fix = rest.rpartition("); ")
    assert (start, end) == ("juju status: the output is not valid JSON", "); ")
    assert fix == (
        "repeat the command, and if it fails again, run the same juju command in a terminal"
    )
    return problem


def test_document_is_returned() -> None:
    assert read_object("juju status", DOCUMENT) == json.loads(DOCUMENT)
    assert read_json("juju run", "[1]") == [1]


def test_each_document_that_is_cut_off_is_one_error() -> None:
    for length in range(len(DOCUMENT)):
        assert problem_of(DOCUMENT[:length])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ('{"a": ', "line 1, column 7: Expecting value"),
        ('{\n"a": "b', "line 2, column 6: Unterminated string starting at"),
        ("[]", "it is a list instead of an object"),
        ("null", "it is a NoneType instead of an object"),
        ("{}{}", "line 1, column 3: Extra data"),
        ('{"a":' * 101 + "1" + "}" * 101, "it is nested deeper than 100 levels"),
        ("[" * 100_000, "it is nested too deeply"),
    ],
)
def test_damaged_document(text: str, problem: str) -> None:
    assert problem_of(text) == problem


def test_document_at_the_limit_of_depth_is_read() -> None:
    text = '{"a":' * 100 + "1" + "}" * 100
    assert read_object("juju status", text)


def test_number_with_thousands_of_digits_is_one_error() -> None:
    assert problem_of('{"a": ' + "1" * 5000 + "}").startswith("Exceeds the limit (4300 digits)")
