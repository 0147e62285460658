"""Scalars as Go's YAML library reads them (gopkg.in/yaml.v2, which Juju uses for bundles)."""

from __future__ import annotations

import math
import re

from .yaml_nodes import Node, ScalarNode, SequenceNode

Scalar = str | int | float | bool | None

_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_DATE = re.compile(
    r"""\d{4}-\d{1,2}-\d{1,2}
    ( [Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)
    | \ \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)? )?""",
    re.ASCII | re.VERBOSE,
)


def resolve(node: ScalarNode) -> tuple[str, Scalar]:
    """Return go-yaml's short tag of a scalar, such as ``!!int``, and its value.

    A timestamp keeps its text. A quoted scalar is always a text.
    """
    text: str = node.value
    if node.style:
        return ("!!str", text)
    return _resolve_plain(text)


def _resolve_plain(text: str) -> tuple[str, Scalar]:
    if text in _NULLS:
        return ("!!null", None)
    if text in _TRUE or text in _FALSE:
        return ("!!bool", text in _TRUE)
    if text == "<<":
        return ("!!merge", text)
    if text[0] in "+-.0123456789":
        return _resolve_number(text)
    return ("!!str", text)


def _resolve_number(text: str) -> tuple[str, Scalar]:
    if text in _SPECIAL:
        return ("!!float", _SPECIAL[text])
    if text[0].isdigit() and _DATE.fullmatch(text):
        return ("!!timestamp", text)
    digits = text.replace("_", "")
    integer = _parse_integer(digits)
    if integer is not None:
        return ("!!int", integer)
    if _FLOAT.fullmatch(digits):
        return ("!!float", float(digits))
    return ("!!str", text)


def _parse_integer(text: str) -> int | None:
    """Parse an integer as strconv.ParseInt with base 0 does, and go-yaml for ``0b``."""
    sign = -1 if text.startswith("-") else 1
    digits = text[1:] if text[:1] in "+-" else text
    if not digits or not digits.isascii():
        return None
    try:
        magnitude = _parse_digits(digits)
    except ValueError:
        return None
    limit = 2**64 if sign > 0 else 2**63 + 1
    return sign * magnitude if magnitude < limit else None


def _parse_digits(digits: str) -> int:
    """Return the number that digits stand for, with the base that their prefix names.

    Raises:
        ValueError: When they are not digits of that base.
    """
    prefix = digits[:2]
    if prefix in ("0x", "0X"):
        return int(digits[2:], 16)
    if prefix == "0b":
        return int(digits[2:], 2)
    if prefix in ("0o", "0O"):
        return int(digits[2:], 8)
    if digits[0] == "0" and len(digits) > 1:
        return int(digits, 8)
    if not digits.isdigit():
        raise ValueError(digits)
    # Longer numbers are out of range. Python would refuse to convert very long ones.
    return int(digits) if len(digits) < 25 else 2**70


def short_tag(node: Node) -> str:
    """Return the tag of a node in go-yaml's short form."""
    if isinstance(node, ScalarNode):
        return resolve(node)[0]
    return "!!seq" if isinstance(node, SequenceNode) else "!!map"


def value_hint(node: Node) -> str:
    """Return a scalar's text as go-yaml quotes it in an error, at most ten characters long."""
    if not isinstance(node, ScalarNode):
        return ""
    text: str = node.value
    raw = text.encode()
    shown = raw[:7].decode(errors="replace") + "..." if len(raw) > 10 else text
    return f" `{shown}`"
