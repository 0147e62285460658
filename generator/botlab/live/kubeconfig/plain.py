"""The values of YAML nodes, with every scalar as its text."""

from __future__ import annotations

from typing import Any

from ...yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode

_NULL = ("", "~", "null", "Null", "NULL")


def is_null(node: Node | None) -> bool:
    """Return whether a node is missing, or a scalar that means null."""
    return node is None or (
        isinstance(node, ScalarNode) and not node.style and node.value in _NULL
    )


def plain(node: Node | None) -> Any:
    """Return the value of a node: text, None, a list, or a dict.

    Raises:
        ValueError: When a mapping has a key twice, or a key that is no scalar. The message is the
            number of its line.
    """
    if is_null(node):
        return None
    if isinstance(node, SequenceNode):
        return [plain(child) for child in node.value]
    if isinstance(node, MappingNode):
        return _plain_mapping(node)
    return str(node.value) if isinstance(node, ScalarNode) else None


def _plain_mapping(node: MappingNode) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, child in node.value:
        if not isinstance(key, ScalarNode) or key.value in fields:
            raise ValueError(str(key.start_mark.line + 1))
        fields[str(key.value)] = plain(child)
    return fields
