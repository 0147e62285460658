"""The address pools that a bundle gives the charm metallb."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from ....address_spans import Span, read_span
from ....findings import KeyPath
from ..facts import Facts

METALLB = "metallb"
# As the charm splits its option `addresses` (config/decode.py).
_ENTRY = re.compile(r"[^\s,]+(?:\s*-\s*[^\s,]+)?")
# A mapping of YAML, which the option may hold.
Fields = Mapping[str, object]


class PoolEntry(NamedTuple):
    """A range of addresses of a pool.

    Attributes:
        path: The key of the range.
        text: The range as written.
        span: The addresses; None when MetalLB does not accept the text.
    """

    path: KeyPath
    text: str
    span: Span | None


class AddressPool(NamedTuple):
    """An address pool.

    Attributes:
        path: The key of the pool. For the option `addresses` it is the option's key.
        option_path: The key of the option that holds the pool.
        name: The pool's name.
        protocol: The protocol that announces its addresses.
        is_automatic: Whether services get its addresses without naming the pool.
        avoids_buggy_addresses: Whether addresses that end in .0 and .255 are not used.
        entries: Its ranges of addresses.
        has_peers: Whether the configuration names BGP routers.
    """

    path: KeyPath
    option_path: KeyPath
    name: str
    protocol: str
    is_automatic: bool
    avoids_buggy_addresses: bool
    entries: tuple[PoolEntry, ...]
    has_peers: bool


class PoolRange(NamedTuple):
    """A range of addresses that MetalLB accepts, with its pool and its key."""

    pool: AddressPool
    path: KeyPath
    span: Span

    def __str__(self) -> str:
        return f"pool {self.pool.name} ({self.span.first}-{self.span.last})"


def address_pools(facts: Facts) -> list[AddressPool]:
    """Return the pools of the bundle's applications of the charm."""
    return [
        pool
        for name, _ in facts.applications_of(METALLB)
        for pool in (*_pools_of_addresses(facts, name), *_pools_of_pools(facts, name))
    ]


def pool_ranges(facts: Facts) -> list[PoolRange]:
    """Return the ranges of all pools that MetalLB accepts."""
    return [
        PoolRange(pool, entry.path, entry.span)
        for pool in address_pools(facts)
        for entry in pool.entries
        if entry.span is not None
    ]


def _pools_of_addresses(facts: Facts, name: str) -> Iterator[AddressPool]:
    """Yield the pool of the option `addresses`, if the option is set."""
    path: KeyPath = ("applications", name, "options", "addresses")
    entries = tuple(_entries(path, _ENTRY.findall(facts.option(name, "addresses"))))
    if entries:
        yield AddressPool(path, path, "default", "layer2", True, False, entries, False)


def _pools_of_pools(facts: Facts, name: str) -> Iterator[AddressPool]:
    """Yield the pools of the option `pools`.

    The option holds MetalLB's configuration (its form up to 0.12), or the list of pools alone.
    """
    option_path: KeyPath = ("applications", name, "options", "pools")
    document = facts.yaml_option(name, "pools")
    configuration = _fields(document)
    pools = configuration.get("address-pools") if configuration else document
    path: KeyPath = (*option_path, "address-pools") if configuration else option_path
    has_peers = bool(configuration.get("peers"))
    for index, pool in enumerate(_list(pools)):
        yield _pool((*path, index), option_path, _fields(pool), has_peers)


def _pool(path: KeyPath, option_path: KeyPath, fields: Fields, has_peers: bool) -> AddressPool:
    texts = [str(text) for text in _list(fields.get("addresses"))]
    return AddressPool(
        path,
        option_path,
        str(fields.get("name", "")),
        str(fields.get("protocol", "")),
        fields.get("auto-assign") is not False,
        fields.get("avoid-buggy-ips") is True,
        tuple(_entries((*path, "addresses"), texts)),
        has_peers,
    )


def _entries(path: KeyPath, texts: list[str]) -> Iterator[PoolEntry]:
    for index, text in enumerate(texts):
        try:
            # MetalLB does not accept a single address without a prefix length.
            span = read_span(text) if "-" in text or "/" in text else None
        except ValueError:
            span = None
        yield PoolEntry((*path, index), text, span)


def _fields(node: object) -> Fields:
    return cast("Fields", node) if isinstance(node, dict) else {}


def _list(node: object) -> list[object]:
    return cast("list[object]", node) if isinstance(node, list) else []
