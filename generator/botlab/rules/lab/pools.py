"""The address pools of the charm metallb, by the options that the bundle gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ...findings import KeyPath
from ...site.addresses import Span, read_span
from .facts import Facts

METALLB = "metallb"
# As the charm divides its option `addresses` (mlb_options.py).
_ENTRY = re.compile(r"[^\s,]+(?:\s*-\s*[^\s,]+)?")
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """A run of addresses of a pool: where it stands, its text, and what it holds.

    ``span`` is None where MetalLB would not take the text.
    """

    at: KeyPath
    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Pool:
    """An address pool.

    Attributes:
        at: Where it stands; pools of the option `addresses` stand at the option itself.
        option: Where the option stands.
        name: Its name.
        protocol: How its addresses are announced.
        auto_assign: Whether it gives addresses unasked.
        avoid_buggy_ips: Whether addresses that end in .0 and .255 are left out.
        entries: Its addresses.
        peers: Whether the configuration names routers.
    """

    at: KeyPath
    option: KeyPath
    name: str
    protocol: str
    auto_assign: bool
    avoid_buggy_ips: bool
    entries: tuple[Entry, ...]
    peers: bool


def pools(facts: Facts) -> list[Pool]:
    """List the pools of the bundle's applications of the charm."""
    names = [name for name, _ in facts.named(METALLB)]
    return [pool for name in names for pool in (*_simple(facts, name), *_full(facts, name))]


def spans(facts: Facts) -> list[tuple[Pool, KeyPath, Span]]:
    """List the runs of addresses of all pools that can be read, with their pools."""
    return [
        (pool, entry.at, entry.span)
        for pool in pools(facts)
        for entry in pool.entries
        if entry.span is not None
    ]


def _simple(facts: Facts, name: str) -> Iterator[Pool]:
    """Yield the pool of the option `addresses`, if it is set."""
    at: KeyPath = ("applications", name, "options", "addresses")
    entries = tuple(_entries(at, _ENTRY.findall(facts.option(name, "addresses"))))
    if entries:
        yield Pool(at, at, "default", "layer2", True, False, entries, False)


def _full(facts: Facts, name: str) -> Iterator[Pool]:
    """Yield the pools of the option `pools`: MetalLB's document up to 0.12, or its list alone."""
    option: KeyPath = ("applications", name, "options", "pools")
    document = facts.document(name, "pools")
    whole = _fields(document)
    listed = whole.get("address-pools") if whole else document
    at: KeyPath = (*option, "address-pools") if whole else option
    for index, body in enumerate(listed if isinstance(listed, list) else ()):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        yield _pool((*at, index), option, _fields(body), bool(whole.get("peers")))


def _pool(at: KeyPath, option: KeyPath, body: Fields, peers: bool) -> Pool:
    found = body.get("addresses")
    texts = [str(one) for one in found] if isinstance(found, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return Pool(
        at,
        option,
        str(body.get("name", "")),
        str(body.get("protocol", "")),
        body.get("auto-assign") is not False,
        body.get("avoid-buggy-ips") is True,
        tuple(_entries((*at, "addresses"), texts)),
        peers,
    )


def _entries(at: KeyPath, texts: list[str]) -> Iterator[Entry]:
    for index, text in enumerate(texts):
        try:
            # MetalLB takes no address alone; it wants bits behind it.
            span = read_span(text) if "-" in text or "/" in text else None
        except ValueError:
            span = None
        yield Entry((*at, index), text, span)


def _fields(found: object) -> Fields:
    return cast("Fields", found) if isinstance(found, dict) else {}
