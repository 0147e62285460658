"""Scalars as Go's YAML library reads them.

Juju reads bundles with github.com/juju/yaml, a fork of gopkg.in/yaml.v2 at an older state: a
number such as ``1e3`` or ``08`` is a string there. All supported releases of Juju use the same
rules (``resolve.go`` at 2025133 for Juju 2.6, and v2.0.0 for the later releases).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import math
import re

from .errors import BotlabError
from .yaml_events import PLAIN, QUOTED
from .yaml_nodes import Node, ScalarNode, SequenceNode

Scalar = str | int | float | bool | None

_LONG_TAG = "tag:yaml.org,2002:"
_RESOLVABLE = ("!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp")
_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
# yamlStyleFloat of resolve.go, which needs a sign in the exponent.
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]+)?([eE][-+][0-9]+)?", re.ASCII)
# A number that starts with a dot goes to strconv.ParseFloat at once.
_DOT_FLOAT = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(
    r"0[xX](?P<hex>[0-9a-fA-F]+)|0[oO](?P<octal>[0-7]+)|0[bB](?P<binary>[01]+)"
    r"|0(?P<old_octal>[0-7]*)|(?P<decimal>[1-9][0-9]*)",
    re.ASCII,
)
_BASES = {"hex": 16, "octal": 8, "binary": 2, "old_octal": 8, "decimal": 10}
_DATE = re.compile(
    r"""(\d{4})-(\d{1,2})-(\d{1,2})
    ( [Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)
    | \ (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)? )?""",
    re.ASCII | re.VERBOSE,
)


class DecodeError(BotlabError):
    """A text at which Go's YAML library stops. The message is the library's own.

    Args:
        message: The message.
        node: The scalar that does not fit its tag; None for another cause.
    """

    def __init__(self, message: str, node: ScalarNode | None = None) -> None:
        super().__init__(message)
        self.node = node


def resolve(node: ScalarNode) -> tuple[str, Scalar]:
    """Return go-yaml's short tag of a scalar, such as ``!!int``, and its value.

    A timestamp keeps its text. A quoted scalar without a tag is always a text.

    Raises:
        DecodeError: When the text does not fit the explicit tag.
    """
    text: str = node.value
    if node.tag == QUOTED:
        return ("!!str", text)
    if node.tag == PLAIN:
        return _resolve_plain(text)
    try:
        return _resolve_tagged(_short(node.tag), text)
    except DecodeError as error:
        raise DecodeError(error.message, node) from None


def _short(tag: str) -> str:
    return f"!!{tag[len(_LONG_TAG) :]}" if tag.startswith(_LONG_TAG) else tag


def _resolve_tagged(tag: str, text: str) -> tuple[str, Scalar]:
    if tag == "!!binary":
        return (tag, _decode_base64(text))
    if tag not in _RESOLVABLE or tag == "!!str":
        return (tag, text)
    actual, scalar = _resolve_plain(text, with_dates=tag == "!!timestamp")
    if actual == tag:
        return (tag, scalar)
    # Only Go's signed integers become floats.
    if tag == "!!float" and isinstance(scalar, int) and actual == "!!int" and scalar < 2**63:
        return (tag, float(scalar))
    raise DecodeError(f"yaml: cannot decode {actual} `{text}` as a {tag}")


def _decode_base64(text: str) -> str:
    try:
        raw = base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise DecodeError("yaml: !!binary value contains invalid base64 data") from None
    return raw.decode("utf-8", "surrogateescape")


def _resolve_plain(text: str, *, with_dates: bool = True) -> tuple[str, Scalar]:
    if text in _NULLS:
        return ("!!null", None)
    if text in _TRUE or text in _FALSE:
        return ("!!bool", text in _TRUE)
    if text in _SPECIAL:
        return ("!!float", _SPECIAL[text])
    if text[0] == ".":
        digits = re.sub(r"(?<=\d)_(?=\d)", "", text, flags=re.ASCII)
        return _float(digits, text) if _DOT_FLOAT.fullmatch(digits) else ("!!str", text)
    if text[0] in "+-0123456789":
        if with_dates and _is_date(text):
            return ("!!timestamp", text)
        return _resolve_number(text)
    return ("!!str", text)


def _resolve_number(text: str) -> tuple[str, Scalar]:
    digits = text.replace("_", "")
    integer = _parse_integer(digits)
    if integer is not None:
        return ("!!int", integer)
    if _FLOAT.fullmatch(digits) and any(char.isdigit() for char in digits.split("e")[0]):
        return _float(digits, text)
    return ("!!str", text)


def _float(digits: str, text: str) -> tuple[str, Scalar]:
    number = float(digits)
    # strconv.ParseFloat refuses what is out of range.
    return ("!!str", text) if math.isinf(number) else ("!!float", number)


def _is_date(text: str) -> bool:
    """Return whether Go's time.Parse accepts a text as a date, perhaps with a time."""
    match = _DATE.fullmatch(text) if text[0].isdigit() else None
    if match is None:
        return False
    year, month, day, _, *time = match.groups()
    hour, minute, second = [int(part) for part in time if part is not None] or (0, 0, 0)
    try:
        # The year 0, which Go accepts, is a leap year as 4 is.
        datetime.datetime(int(year) or 4, int(month), int(day), hour, minute, second)
    except ValueError:
        return False
    return True


def _parse_integer(text: str) -> int | None:
    """Parse an integer as strconv.ParseInt and ParseUint with base 0 do."""
    has_sign = text[:1] in ("+", "-")
    match = _INTEGER.fullmatch(text[1:] if has_sign else text)
    if match is None:
        return None
    kind = match.lastgroup or "decimal"
    digits = match.group(kind) or "0"
    # Longer numbers are out of range. Python would refuse to convert very long ones.
    magnitude = int(digits, _BASES[kind]) if len(digits) < 100 else 2**70
    if text[0] == "-":
        return -magnitude if magnitude <= 2**63 else None
    return magnitude if magnitude < (2**63 if has_sign else 2**64) else None


def is_early_null(node: Node) -> bool:
    """Return whether go-yaml leaves a pointer nil for a node (``decoder.prepare``).

    The spellings ``Null`` and ``NULL`` are null too, but make a pointer to an empty value. A
    quoted ``"null"`` is the reverse: no null, but no pointer either.
    """
    if not isinstance(node, ScalarNode):
        return False
    if node.tag == f"{_LONG_TAG}null":
        return True
    is_empty = node.value == "" and node.tag == PLAIN
    return node.tag in (PLAIN, QUOTED) and (node.value in ("null", "~") or is_empty)


def is_merge(key: Node) -> bool:
    """Return whether a key is the merge key ``<<``."""
    is_scalar = isinstance(key, ScalarNode) and key.value == "<<"
    return is_scalar and key.tag in (PLAIN, f"{_LONG_TAG}merge")


def short_tag(node: Node) -> str:
    """Return the tag of a node in go-yaml's short form. An explicit tag wins."""
    if isinstance(node, ScalarNode):
        is_explicit = node.tag not in (PLAIN, QUOTED)
        return _short(node.tag) if is_explicit else resolve(node)[0]
    return "!!seq" if isinstance(node, SequenceNode) else "!!map"


def value_hint(node: Node) -> str:
    """Return a scalar's text as go-yaml quotes it in an error, at most ten characters long."""
    if not isinstance(node, ScalarNode):
        return ""
    text: str = node.value
    raw = text.encode()
    shown = raw[:7].decode(errors="replace") + "..." if len(raw) > 10 else text
    return f" `{shown}`"
