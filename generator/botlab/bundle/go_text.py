"""Format strings as Go prints them."""

from __future__ import annotations

import json
from collections.abc import Sequence

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
    """Format the value of a charm option as Go's ``%#v`` does."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
