"""Merge the layers of a site file.

A later layer overrides an earlier one. Mappings are merged key by key. Lists, strings and numbers
are replaced. A key whose value is null in a later layer is removed.

A section that deploys something counts as ``{}`` when nothing follows its colon, which is also
what remains when its only key is deleted. So does an entry of a section whose entries are objects
of the site, such as machines. Over the same section or entry of an earlier layer, however, an
empty one removes it, as null does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import FileError
from ..findings import KeyPath, Position, path_text
from ..go_yaml import DecodeError, resolve
from ..yaml_nodes import (
    MappingNode,
    Node,
    PlainText,
    ScalarNode,
    SequenceNode,
    first_entries,
    line_of,
    pairs,
    position_of,
)


def to_data(node: Node | None, name: str = "site.yaml", path: KeyPath = ()) -> Any:
    """Return the data of a node.

    An unquoted scalar becomes :class:`PlainText`, and null becomes None.

    Args:
        node: The node.
        name: The name of its file, for errors.
        path: The key path of the node, for errors.

    Raises:
        BotlabError: When a scalar does not fit its explicit tag.
    """
    if isinstance(node, MappingNode):
        return {
            _key(key): to_data(child, name, (*path, _key(key))) for key, child in _entries(node)
        }
    if isinstance(node, SequenceNode):
        return [to_data(child, name, (*path, index)) for index, child in enumerate(node.value)]
    if node is None:
        return None
    assert isinstance(node, ScalarNode)
    try:
        return _scalar(node)
    except DecodeError as error:
        reason = error.message.removeprefix("yaml: ")
        problem = f"{path_text(path)}: {reason}; remove the tag"
        raise FileError(name, problem, line_of(node)) from None


def _scalar(node: ScalarNode) -> Any:
    if node.style:
        return str(node.value)
    scalar = resolve(node)[1]
    if scalar is None:
        return None
    text = PlainText(node.value)
    text.value = scalar
    return text


def _key(node: Node) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else "?"


def _entries(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    for key, child in pairs(node):
        if _key(key) == "<<" and isinstance(child, MappingNode):
            yield from _entries(child)
        else:
            yield key, child


def merge_layers(lower: Any, upper: Any) -> Any:
    """Return the data of two layers, where the upper one overrides the lower one."""
    if not isinstance(lower, dict) or not isinstance(upper, dict):
        return upper
    merged: dict[str, Any] = dict(lower)  # pyright: ignore[reportUnknownArgumentType]
    for key, child in upper.items():  # pyright: ignore[reportUnknownVariableType]
        if child is None:
            merged.pop(str(key), None)  # pyright: ignore[reportUnknownArgumentType]
        else:
            merged[str(key)] = merge_layers(merged.get(str(key)), child)  # pyright: ignore[reportUnknownArgumentType]
    return merged


def is_empty_section(node: Node | None, key: str) -> bool:
    """Return whether a key of a mapping has nothing after its colon, not even the word null."""
    entries = pairs(node) if isinstance(node, MappingNode) else ()
    return any(_is_nothing(child) for name, child in entries if _key(name) == key)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.style and not node.value


def empty_entries(node: Node | None, section: str) -> list[str]:
    """Return the entries of a section that have nothing after their colon."""
    child = _child(node, section)[1]
    entries = pairs(child) if isinstance(child, MappingNode) else ()
    return [_key(key) for key, entry in entries if _is_nothing(entry)]


def drop_nulls(tree: Any) -> Any:
    """Return mappings without the keys whose value is null: they have their default."""
    if not isinstance(tree, dict):
        return tree
    entries: list[tuple[Any, Any]] = list(tree.items())  # pyright: ignore[reportUnknownArgumentType]
    return {key: drop_nulls(child) for key, child in entries if child is not None}


def duplicate_keys(node: Node | None, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Position]]:
    """Yield the path and position of each key that a mapping already holds."""
    if isinstance(node, SequenceNode):
        for index, child in enumerate(node.value):
            yield from duplicate_keys(child, (*path, index))
    if not isinstance(node, MappingNode):
        return
    names: set[str] = set()
    for key, child in pairs(node):
        name = _key(key)
        if name in names:
            yield (*path, name), position_of(key)
        names.add(name)
        yield from duplicate_keys(child, (*path, name))


def locate_path(node: Node | None, path: KeyPath) -> tuple[int, Position]:
    """Return how many parts of a path a file has, and where the last one of them is."""
    depth, position = 0, Position()
    for part in path:
        key, child = _child(node, part)
        if key is None:
            break
        depth, position = depth + 1, position_of(key)
        node = child
    return depth, position


def _child(node: Node | None, part: str | int) -> tuple[Node | None, Node | None]:
    """Return the node that marks a part of a path in a file, and the node below the part."""
    if isinstance(node, MappingNode):
        return first_entries(node).get(str(part), (None, None))
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None, None
