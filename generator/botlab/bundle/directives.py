"""Storage and device directives, and Juju's messages for invalid ones.

Source: juju/juju storage.ParseConstraints (core/storage from 3.x) and devices.ParseConstraints.
"""

from __future__ import annotations

import math
import re

from ..decimals import GREATEST_INT, GREATEST_UINT, bounded_int
from ..juju import Juju
from .go_text import quote

STORAGE_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[0-9]*[a-z][a-z0-9]*)*", re.ASCII)
DEVICE_NAME = STORAGE_NAME
_POOL = re.compile(r"[a-zA-Z][-?a-zA-Z0-9]*", re.ASCII)
_COUNT = re.compile(r"-?[0-9]+", re.ASCII)
_SIZE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[MGTPEZY](?:i?B)?", re.ASCII)
_SIZE_UNITS = "MGTPEZY"
_DEVICE_COUNT = re.compile(r"\+?[0-9]+", re.ASCII)
_DEVICE_FORMAT_ERROR = (
    "cannot parse device constraints string, supported format is"
    " [<count>,]<device-class>|<vendor/type>[,<key>=<value>;...]"
)


def storage_error(text: str, juju: Juju) -> str:
    """Return Juju's message for the first fault of a storage directive; empty when it is valid."""
    fields: dict[str, int | str] = {}
    for word in text.split(","):
        kind = _field_kind(word)
        problem = _field_error(kind, word, fields, juju) if word else ""
        if problem:
            return problem
        # Juju 2.6 keeps the first pool. A size of 0 counts as none.
        if kind and not (kind == "pool" and kind in fields):
            fields[kind] = _field_value(kind, word)
    if any(fields.values()):
        return ""
    return f"storage {_noun(juju)}s require at least one field to be specified"


def _noun(juju: Juju) -> str:
    return "constraint" if juju < Juju.V4_0 else "directive"


def storage_count(text: str) -> int:
    """Return the number of storages that a directive requests: its last count, or 1."""
    counts = [_count(word) for word in text.split(",") if _field_kind(word) == "count"]
    return counts[-1] if counts else 1


def storage_pool(text: str) -> str:
    """Return the pool that a directive names; empty when it names none."""
    pools = [word for word in text.split(",") if _field_kind(word) == "pool"]
    return pools[-1] if pools else ""


def _field_kind(word: str) -> str:
    if _POOL.fullmatch(word):
        return "pool"
    # A count that does not fit into 64 bits is no count.
    if _COUNT.fullmatch(word):
        return "count" if _count(word) <= GREATEST_UINT else ""
    return "size" if _SIZE.fullmatch(word) else ""


def _field_value(kind: str, word: str) -> int | str:
    if kind == "pool":
        return word
    return _count(word) if kind == "count" else _size_in_mib(word)


def _count(word: str) -> int:
    """Return a count. One that is negative or does not fit only has the right side of 0."""
    if word.startswith("-"):
        return -1
    return bounded_int(word, GREATEST_UINT + 1)


def _size_in_mib(word: str) -> int:
    """Return a size in MiB, rounded up (juju/utils ``ParseSize``)."""
    number = word.rstrip("iB")
    size = float(number[:-1]) * 1024.0 ** _SIZE_UNITS.index(number[-1])
    # Go's conversion of a float that is out of range gives this number.
    return math.ceil(size) if size < 2**64 else 2**63


def _field_error(kind: str, word: str, fields: dict[str, int | str], juju: Juju) -> str:
    if kind == "":
        # 2.6 only logs an unknown field (fixed by LP 1855181).
        unknown = f"unrecognized storage {_noun(juju)} {quote(word)} not valid"
        return "" if juju < Juju.V2_9 else unknown
    if kind == "count" and _count(word) <= 0:
        return f"cannot parse count: count must be greater than zero, got {quote(word)}"
    if kind == "size" and word.startswith("-"):
        return f"cannot parse size: expected a non-negative number, got {quote(word)}"
    # Repeated pools are refused since 2.7, and other repeated fields since 3.4.5.
    if fields.get(kind) and juju >= (Juju.V2_9 if kind == "pool" else Juju.V3_6):
        return _repetition(kind, word, fields[kind])
    return ""


def _repetition(kind: str, word: str, first: int | str) -> str:
    if kind == "pool":
        old, new = quote(str(first)), quote(word)
    else:
        old, new = str(first), str(_field_value(kind, word))
    name = {"pool": "pool name", "count": "storage instance count", "size": "storage size"}[kind]
    return f"{name} is already set to {old}, new value {new} not valid"


def device_error(text: str) -> str:
    """Return Juju's message for the first fault of a device directive; empty when it is valid.

    One part is a type, two are COUNT,TYPE, and three are COUNT,TYPE,KEY=VALUE;...
    """
    parts = text.split(",")
    if len(parts) > 3:
        return _DEVICE_FORMAT_ERROR
    if len(parts) > 1 and not _is_device_count(parts[0]):
        return f"count must be greater than zero, got {quote(parts[0])}"
    for attribute in parts[2].split(";") if len(parts) == 3 else ():
        if attribute.count("=") != 1:
            return f"device attribute key/value pair has bad format: {quote(attribute)}"
    return ""


def _is_device_count(text: str) -> bool:
    """Return whether strconv.ParseInt reads a text as a number above zero."""
    return (
        bool(_DEVICE_COUNT.fullmatch(text))
        and 0 < bounded_int(text.lstrip("+"), GREATEST_INT + 1) <= GREATEST_INT
    )
