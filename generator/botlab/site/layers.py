"""Lay site files over each other.

The rule: a later file wins. Mappings are merged key by key; anything else (a list, a text, a
number) is replaced as a whole; a key that a later file sets to null is removed.

A section that deploys something and has nothing behind its colon counts as `{}`, as what is left
when its only key is deleted; but over the same section of an earlier file it removes, like null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..findings import KeyPath
from ..goyaml import resolve
from ..yamlmarks import MappingNode, Node, PlainText, ScalarNode, SequenceNode, line, pairs


def plain(node: Node | None) -> Any:
    """Turn a node into data; an unquoted scalar becomes :class:`PlainText`, null None."""
    if node is None:
        return None
    if isinstance(node, MappingNode):
        return {_key(key): plain(value) for key, value in _entries(node)}
    if isinstance(node, SequenceNode):
        return [plain(child) for child in node.value]
    assert isinstance(node, ScalarNode)
    if node.style:
        return str(node.value)
    value = resolve(node)[1]
    if value is None:
        return None
    text = PlainText(node.value)
    text.value = value
    return text


def _key(node: Node) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else "?"


def _entries(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    for key, value in pairs(node):
        if _key(key) == "<<" and isinstance(value, MappingNode):
            yield from _entries(value)
        else:
            yield key, value


def lay(below: Any, above: Any) -> Any:
    """Return one layer laid over another."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    result: dict[str, Any] = dict(below)  # pyright: ignore[reportUnknownArgumentType]
    for key, value in above.items():  # pyright: ignore[reportUnknownVariableType]
        if value is None:
            result.pop(str(key), None)  # pyright: ignore[reportUnknownArgumentType]
        else:
            result[str(key)] = lay(result.get(str(key)), value)  # pyright: ignore[reportUnknownArgumentType]
    return result


def is_blank(node: Node | None, key: str) -> bool:
    """Tell whether a key of a mapping has nothing behind its colon, not even the word null."""
    entries = pairs(node) if isinstance(node, MappingNode) else ()
    values = [value for name, value in entries if _key(name) == key]
    return any(isinstance(one, ScalarNode) and not one.style and not one.value for one in values)


def without_nulls(data: Any) -> Any:
    """Return the data with keys of null values left out: they mean the default."""
    if not isinstance(data, dict):
        return data
    items: list[tuple[Any, Any]] = list(data.items())  # pyright: ignore[reportUnknownArgumentType]
    return {key: without_nulls(value) for key, value in items if value is not None}


def repeated_keys(node: Node | None, path: KeyPath = ()) -> Iterator[tuple[KeyPath, int]]:
    """Yield the path and line of each key that stands twice in its mapping."""
    if isinstance(node, SequenceNode):
        for index, child in enumerate(node.value):
            yield from repeated_keys(child, (*path, index))
    if not isinstance(node, MappingNode):
        return
    seen: set[str] = set()
    for key, value in pairs(node):
        name = _key(key)
        if name in seen:
            yield (*path, name), line(key)
        seen.add(name)
        yield from repeated_keys(value, (*path, name))


def find_line(node: Node | None, path: KeyPath) -> tuple[int, int]:
    """Return how much of a path a file has, and the line of the last part that it has."""
    found = (0, 0)
    for depth, part in enumerate(path, 1):
        child: Node | None = None
        if isinstance(node, MappingNode):
            entries = ((key, value) for key, value in pairs(node) if _key(key) == part)
            key, child = next(entries, (None, None))
            found = (depth, line(key)) if key is not None else found
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            found = (depth, line(child)) if child is not None else found
        if child is None:
            break
        node = child
    return found
