"""Format strings as Go prints them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import cast

# What Go's strconv.ParseBool reads.
BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}


def quote(text: str) -> str:
    """Quote a string as Go's ``%q`` does."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    code = ord(char)
    if char in '"\\':
        return "\\" + char
    if code in _ESCAPES:
        return _ESCAPES[code]
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    if char.isprintable():
        return char
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote_list(texts: Sequence[str]) -> str:
    """Format a list of strings as Go's ``%q`` does: ``["a:x" "b:y"]``."""
    return "[" + " ".join(quote(text) for text in texts) + "]"


def format_value(value: object) -> str:
    """Format the value of a charm option as Go's ``%#v`` does.

    Go's YAML library gives lists and mappings the types ``[]interface {}`` and
    ``map[interface {}]interface {}``.
    """
    return "<nil>" if value is None else _format(value)


def _format(value: object) -> str:
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # Above the largest signed integer, the value has Go's type uint64.
        return hex(value) if value >= 2**63 else str(value)
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, list):
        entries = cast("list[object]", value)
        return f"[]interface {{}}{{{', '.join(_format(entry) for entry in entries)}}}"
    if isinstance(value, dict):
        mapping = cast("dict[object, object]", value)
        pairs = (f"{_format(key)}:{_format(mapping[key])}" for key in sorted(mapping, key=_order))
        return f"map[interface {{}}]interface {{}}{{{', '.join(pairs)}}}"
    return quote(str(value))


def _order(key: object) -> tuple[str, float, str]:
    """Return the order of a key: by its type, and then as Go orders the values of the type."""
    is_number = isinstance(key, int | float)
    return (
        ("" if isinstance(key, str) else type(key).__name__),
        float(key) if is_number else 0.0,
        str(key),
    )


def format_float(number: float) -> str:
    """Format a float as Go's ``%v`` does: with an exponent from 1e6 on and below 1e-4."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    shortest = Decimal(repr(number)).normalize()
    exponent = shortest.adjusted()
    if -4 <= exponent < 6:
        return f"{shortest:f}"
    mantissa = shortest.scaleb(-exponent)
    return f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
