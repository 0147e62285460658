"""How Go's YAML library (gopkg.in/yaml.v2, which Juju reads bundles with) sees a scalar."""

from __future__ import annotations

import math
import re

from .yamlmarks import Node, ScalarNode, SequenceNode

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
    """Return go-yaml's short tag (``!!int``) of a scalar and its value.

    A timestamp keeps its text; an explicit tag wins over the text's look.
    """
    text: str = node.value
    if node.style:
        return ("!!str", text)

    return _plain(text)


def _plain(text: str) -> tuple[str, Scalar]:
    if text in _NULLS:
        return ("!!null", None)
    if text in _TRUE or text in _FALSE:
        return ("!!bool", text in _TRUE)
    if text == "<<":
        return ("!!merge", text)
    if text[0] in "+-.0123456789":
        return _number(text)
    return ("!!str", text)


def _number(text: str) -> tuple[str, Scalar]:
    if text in _SPECIAL:
        return ("!!float", _SPECIAL[text])
    if text[0].isdigit() and _DATE.fullmatch(text):
        return ("!!timestamp", text)
    plain = text.replace("_", "")
    whole = _integer(plain)
    if whole is not None:
        return ("!!int", whole)
    if _FLOAT.fullmatch(plain):
        return ("!!float", float(plain))
    return ("!!str", text)


def _integer(text: str) -> int | None:
    """Read a whole number as strconv.ParseInt with base 0 and go-yaml's ``0b`` do."""
    sign = -1 if text.startswith("-") else 1
    digits = text[1:] if text[:1] in "+-" else text
    if not digits or not digits.isascii():
        return None
    try:
        if digits[:2] in ("0x", "0X"):
            value = int(digits[2:], 16)
        elif digits[:2] == "0b":
            value = int(digits[2:], 2)
        elif digits[:2] in ("0o", "0O"):
            value = int(digits[2:], 8)
        elif digits[0] == "0" and len(digits) > 1:
            value = int(digits, 8)
        else:
            value = int(digits) if digits.isdigit() and len(digits) < 25 else 2**70
            if not digits.isdigit():
                return None
    except ValueError:
        return None
    limit = 2**64 if sign > 0 else 2**63 + 1
    return sign * value if value < limit else None


def short_tag(node: Node) -> str:
    """Return the tag of any node in go-yaml's short form."""
    if isinstance(node, ScalarNode):
        return resolve(node)[0]
    return "!!seq" if isinstance(node, SequenceNode) else "!!map"


def value_hint(node: Node) -> str:
    """Return the value as go-yaml quotes it in an error: at most ten characters."""
    if not isinstance(node, ScalarNode):
        return ""
    text: str = node.value
    raw = text.encode()
    shown = raw[:7].decode(errors="replace") + "..." if len(raw) > 10 else text
    return f" `{shown}`"
