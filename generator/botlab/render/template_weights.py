"""The weight of the collections that a template of an own profile makes.

A list that contains another list twice takes no memory for it, so a template of a few lines could
make one whose text would fill all memory, and which is never compared to its end. Each collection
that a template makes therefore knows how many entries it has in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..site.section import Section

# So many characters of a text weigh as much as an entry.
_CHARACTERS = 64


class WeighedList(list[Any]):
    """A list that knows its weight."""

    weight = 0


class WeighedTuple(tuple[Any, ...]):
    """A tuple that knows its weight."""

    weight = 0


class WeighedDict(dict[Any, Any]):
    """A mapping that knows its weight."""

    weight = 0


_Weighed = WeighedList | WeighedTuple | WeighedDict


def weighed(collection: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> _Weighed:
    """Return a collection that a template makes, with its weight."""
    result: _Weighed
    if isinstance(collection, dict):
        result = WeighedDict(collection)
    else:
        result = (WeighedList if isinstance(collection, list) else WeighedTuple)(collection)
    result.weight = _sum(_entries(collection))
    return result


def plain(value: Any) -> Any:
    """Return a value with collections of Python's own types, as the writer of YAML needs them."""
    if isinstance(value, WeighedDict):
        return {plain(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, WeighedList):
        return [plain(entry) for entry in value]
    if isinstance(value, WeighedTuple):
        return tuple(plain(entry) for entry in value)
    return value


def weight_of(value: Any) -> int:
    """Return the number of entries of a value in all; 1 for a value that has none."""
    if isinstance(value, _Weighed):
        return value.weight
    if isinstance(value, str):
        return 1 + len(value) // _CHARACTERS
    if isinstance(value, Section):
        return _sum(vars(value).values())
    if isinstance(value, list | tuple | Mapping):
        return _sum(_entries(cast("Iterable[Any]", value)))
    return 1


def _entries(collection: Iterable[Any]) -> Iterable[Any]:
    if isinstance(collection, Mapping):
        mapping = cast("Mapping[Any, Any]", collection)
        return (*mapping.keys(), *mapping.values())
    return collection


def _sum(entries: Iterable[Any]) -> int:
    return 1 + sum(map(weight_of, entries))
