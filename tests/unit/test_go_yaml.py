"""Scalars as Go's YAML library reads them."""

from __future__ import annotations

import math

import pytest

from botlab.go_yaml import DecodeError, resolve
from botlab.yaml_nodes import ScalarNode, compose

TEXTS: list[tuple[str, str, object]] = [
    ("5", "!!int", 5),
    ("-3", "!!int", -3),
    ("+4", "!!int", 4),
    ("1_000", "!!int", 1000),
    ("0x1F", "!!int", 31),
    ("-0x1F", "!!int", -31),
    ("0o17", "!!int", 15),
    ("017", "!!int", 15),
    ("0b11", "!!int", 3),
    ("-0b11", "!!int", -3),
    ("08", "!!str", "08"),
    ("0x", "!!str", "0x"),
    ("0xg", "!!str", "0xg"),
    ("0o 7", "!!str", "0o 7"),
    ("_1", "!!str", "_1"),
    ("1:30", "!!str", "1:30"),
    ("190:20:30.15", "!!str", "190:20:30.15"),
    ("9223372036854775807", "!!int", 2**63 - 1),
    ("18446744073709551615", "!!int", 2**64 - 1),
    ("-9223372036854775808", "!!int", -(2**63)),
    ("-9223372036854775809", "!!float", -9223372036854775809.0),
    ("+9223372036854775808", "!!float", 9223372036854775808.0),
    ("100000000000000000000", "!!float", 1e20),
    ("1.5", "!!float", 1.5),
    ("1.0", "!!float", 1.0),
    ("1e+3", "!!float", 1000.0),
    ("1e3", "!!str", "1e3"),
    ("1.", "!!str", "1."),
    (".5", "!!float", 0.5),
    (".5e3", "!!float", 500.0),
    (".5_0", "!!float", 0.5),
    (".", "!!str", "."),
    ("+", "!!str", "+"),
    ("1e+400", "!!str", "1e+400"),
    (".inf", "!!float", math.inf),
    ("-.Inf", "!!float", -math.inf),
    ("~", "!!null", None),
    ("Null", "!!null", None),
    ("nULL", "!!str", "nULL"),
    ("y", "!!bool", True),
    ("Off", "!!bool", False),
    ("tRue", "!!str", "tRue"),
    ("2019-01-02", "!!timestamp", "2019-01-02"),
    ("2019-01-02 3:4:5.6", "!!timestamp", "2019-01-02 3:4:5.6"),
    ("2019-01-02T03:04:05Z", "!!timestamp", "2019-01-02T03:04:05Z"),
    ("2019-13-45", "!!str", "2019-13-45"),
    ("2019-02-29", "!!str", "2019-02-29"),
    ("2019-01-02 25:00:00", "!!str", "2019-01-02 25:00:00"),
    ("'5'", "!!str", "5"),
    ('"~"', "!!str", "~"),
    ("!!str 5", "!!str", "5"),
    ("!!str ~", "!!str", "~"),
    ('!!int "5"', "!!int", 5),
    ("!!float 5", "!!float", 5.0),
    ("!!bool 'yes'", "!!bool", True),
    ("!!null ''", "!!null", None),
    ("!!timestamp '2019-01-02'", "!!timestamp", "2019-01-02"),
    ("!!binary aGVsbG8=", "!!binary", "hello"),
    ("!foo 5", "!foo", "5"),
    ("! '5'", "!!int", 5),
]


def scalar(text: str) -> ScalarNode:
    """Return the node of a YAML text."""
    (node,) = compose(text, "text")
    assert isinstance(node, ScalarNode)
    return node


@pytest.mark.parametrize(("text", "tag", "value"), TEXTS)
def test_scalar_has_the_tag_and_value_of_go(text: str, tag: str, value: object) -> None:
    """Juju's fork of the library reads fewer texts as numbers than YAML 1.1 does."""
    assert resolve(scalar(text)) == (tag, value)


def test_not_a_number_is_a_float() -> None:
    """It is not equal to itself, so it cannot stand in the table."""
    tag, value = resolve(scalar(".nan"))

    assert tag == "!!float"
    assert value != value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!!int x", "yaml: cannot decode !!str `x` as a !!int"),
        ("!!int 1.5", "yaml: cannot decode !!float `1.5` as a !!int"),
        ("!!int 2019-01-02", "yaml: cannot decode !!str `2019-01-02` as a !!int"),
        ("!!int ''", "yaml: cannot decode !!null `` as a !!int"),
        ("!!bool 'x'", "yaml: cannot decode !!str `x` as a !!bool"),
        ("!!null x", "yaml: cannot decode !!str `x` as a !!null"),
        (
            "!!float 18446744073709551615",
            "yaml: cannot decode !!int `18446744073709551615` as a !!float",
        ),
        ("!!binary '***'", "yaml: !!binary value contains invalid base64 data"),
    ],
)
def test_text_that_does_not_fit_its_tag_has_the_words_of_go(text: str, message: str) -> None:
    """Go stops there, rather than reporting a type error."""
    with pytest.raises(DecodeError) as error:
        resolve(scalar(text))

    assert error.value.message == message
