"""The resources of each line of the Juju provider, from the table ``provider.yaml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..catalogue.yaml_files import load_yaml
from ..juju import Juju

_FILE = Path(__file__).with_name("provider.yaml")


@dataclass(frozen=True, slots=True)
class AttributeSchema:
    """An attribute.

    Attributes:
        type: ``string``, ``bool``, ``number``, or ``set of`` or ``map of`` one of these or
            ``object``.
        required: Whether it must be set.
        computed: Whether it can be read, but not set.
        attributes: The attributes of its objects.
    """

    type: str
    required: bool
    computed: bool
    attributes: Mapping[str, AttributeSchema]


@dataclass(frozen=True, slots=True)
class BlockSchema:
    """A resource, or a block in it.

    Attributes:
        attributes: Its attributes by name.
        blocks: The blocks in it by type.
        count: The least and the largest number of such blocks.
        conflicts: Pairs of attributes that must not both be set.
    """

    attributes: Mapping[str, AttributeSchema]
    blocks: Mapping[str, BlockSchema]
    count: tuple[int, int]
    conflicts: tuple[tuple[str, str], ...]


def provider_line(juju: Juju) -> str:
    """Return the line of the provider for a Juju release; empty when there is none."""
    lines: dict[str, list[str]] = _table()["lines"]
    return next((line for line, releases in lines.items() if juju.value in releases), "")


def resource_schemas(line: str) -> dict[str, BlockSchema]:
    """Return the resources of a line of the provider."""
    resources: dict[str, Any] = _table()["resources"]
    return {kind: _block(entry, line) for kind, entry in resources.items()}


@functools.cache
def _table() -> dict[str, Any]:
    return load_yaml(_FILE.read_text("utf-8"), _FILE.name)


def _block(entry: Mapping[str, Any], line: str) -> BlockSchema:
    least, most = entry.get("count", (0, 0))
    pairs = cast("list[tuple[str, str]]", entry.get("conflicts", []))
    return BlockSchema(
        _attributes(entry.get("attributes", {}), line),
        {name: _block(block, line) for name, block in _of_line(entry.get("blocks", {}), line)},
        (least, most),
        tuple((first, second) for first, second in pairs),
    )


def _attributes(entries: Mapping[str, Any], line: str) -> dict[str, AttributeSchema]:
    return {
        name: AttributeSchema(
            entry["type"],
            entry.get("required", False),
            entry.get("computed", False),
            _attributes(entry.get("attributes", {}), line),
        )
        for name, entry in _of_line(entries, line)
    }


def _of_line(entries: Mapping[str, Any], line: str) -> list[tuple[str, Any]]:
    """Return the entries that a line of the provider has."""
    return [
        (name, entry)
        for name, entry in entries.items()
        if _number(entry.get("since", line)) <= _number(line)
    ]


def _number(line: str) -> tuple[int, ...]:
    return tuple(map(int, line.split(".")))
