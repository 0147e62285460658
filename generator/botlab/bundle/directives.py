"""Storage and device directives, and Juju's messages for invalid ones.

Source: juju/juju storage.ParseConstraints (core/storage from 3.x) and devices.ParseConstraints.
"""

from __future__ import annotations

import re

from ..juju import Juju
from .go_text import quote

STORAGE_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*", re.ASCII)
DEVICE_NAME = STORAGE_NAME
_POOL = re.compile(r"[a-zA-Z]+[-?a-zA-Z0-9]*", re.ASCII)
_COUNT = re.compile(r"-?[0-9]+", re.ASCII)
_SIZE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[MGTPEZY](?:i?B)?", re.ASCII)
_DEVICE_TYPE = re.compile(r".+")


def storage_error(text: str, juju: Juju) -> str:
    """Return Juju's message for the first fault of a storage directive; empty when it is valid."""
    if not text:
        return "storage constraints require at least one field to be specified"
    fields: dict[str, str] = {}
    for word in text.split(","):
        kind = _field_kind(word)
        problem = _field_error(kind, word, fields, juju)
        if problem:
            return problem
        if kind:
            fields[kind] = word
    if not fields:
        return "storage constraints require at least one field to be specified"
    return ""


def storage_count(text: str) -> int:
    """Return the number of storages that a directive requests: its last count, or 1."""
    counts = [int(word[:19]) for word in text.split(",") if _field_kind(word) == "count"]
    return counts[-1] if counts else 1


def storage_pool(text: str) -> str:
    """Return the pool that a directive names; empty when it names none."""
    pools = [word for word in text.split(",") if _field_kind(word) == "pool"]
    return pools[-1] if pools else ""


def _field_kind(word: str) -> str:
    if _POOL.fullmatch(word):
        return "pool"
    if _COUNT.fullmatch(word):
        return "count"
    return "size" if _SIZE.fullmatch(word) else ""


def _field_error(kind: str, word: str, fields: dict[str, str], juju: Juju) -> str:
    if kind == "":
        # 2.6 only logs an unknown field (fixed by LP 1855181).
        return (
            "" if juju < Juju.V2_9 else f"unrecognized storage constraint {quote(word)} not valid"
        )
    if kind == "pool" and kind in fields and juju >= Juju.V2_9:
        return (
            f"pool name is already set to {quote(fields[kind])}, new value {quote(word)} not valid"
        )
    if kind == "count" and int(word) <= 0:
        return f"cannot parse count: count must be greater than zero, got {quote(word)}"
    if kind == "size" and word.startswith("-"):
        return f"cannot parse size: expected a non-negative number, got {quote(word)}"
    return ""


def device_error(text: str) -> str:
    """Return Juju's message for the first fault of a device directive; empty when it is valid."""
    parts = text.split(",")
    if len(parts) > 3:
        return f"cannot parse device constraints string, supported format is [<count>,]<device-class>|<vendor/type>[,<key>=<value>;...]{''}"  # noqa: E501 - Juju's own text
    if parts[0].lstrip("-").isdigit():
        if int(parts[0]) <= 0:
            return f"count must be greater than zero, got {quote(parts[0])}"
        parts = parts[1:]
    if not parts or not parts[0]:
        return "device type cannot be empty"
    return ""
