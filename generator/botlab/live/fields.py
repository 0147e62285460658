"""Fields of JSON or YAML documents from elsewhere. A field of another type counts as missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..json_values import list_of, mapping_of

JsonObject = Mapping[str, Any]


def mapping_at(document: JsonObject, key: str) -> JsonObject:
    """Return the mapping under a key; an empty one if there is none."""
    return mapping_of(document.get(key))


def as_mappings(entries: object) -> Sequence[JsonObject]:
    """Return the mappings of a list that are not empty; an empty list for anything else."""
    return [fields for entry in list_of(entries) if (fields := mapping_of(entry))]


def mappings_at(document: JsonObject, key: str) -> Sequence[JsonObject]:
    """Return the mappings of the list under a key; an empty list if there is none."""
    return as_mappings(document.get(key))


def text_at(document: JsonObject, key: str) -> str:
    """Return the text under a key; an empty one if there is none."""
    entry = document.get(key)
    return entry if isinstance(entry, str) else ""


def shortened(text: str, longest: int = 200) -> str:
    """Return a text in one line, cut to a length."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
