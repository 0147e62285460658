"""Limits of YAML texts, which are checked before a text is composed or constructed.

A text may come from anywhere. These limits are far above every lab, and each of them ends in one
:class:`botlab.errors.BotlabError` instead of a deep recursion or an endless expansion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

from .errors import BotlabError, FileError

Node = yaml.nodes.Node

# A bundle nests about eight levels deep; libyaml's own loader stops at 1,000.
MAX_DEPTH = 200
# 100,000 machines with 400,000 units make about 2,000,000 nodes.
MAX_NODES = 5_000_000
# The aliases of a text may add this many nodes, and this many times the nodes of the text.
_FREE_EXPANSION = 100_000
_EXPANSION_RATIO = 20

# PyYAML's type stubs do not describe these functions.
_YAML: Any = yaml
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The start of a line after each line break of YAML 1.1, and what may nest without a bracket.
_INDENTATION = re.compile("(?:^|[\r\x85\u2028\u2029])[ \\-?:\ufeff]*", re.MULTILINE)


def refuse_large_text(text: str, name: str) -> None:
    """Refuse a text that is nested deeper than MAX_DEPTH or has more nodes than MAX_NODES.

    The number of brackets plus the longest indentation is an upper bound of the depth, and takes
    one pass to compute. Only texts above it, and very long ones, are parsed event by event.

    Raises:
        BotlabError: When the text exceeds a limit.
    """
    indent = max((len(match.group()) for match in _INDENTATION.finditer(text)), default=0)
    if indent + text.count("[") + text.count("{") < MAX_DEPTH and len(text) < MAX_NODES:
        return
    try:
        _count_events(_YAML.parse(text, Loader=_LOADER), name)
    except (yaml.YAMLError, ValueError):
        return  # The composer reports the fault, and nothing before it exceeds a limit.


def _count_events(events: Iterable[Any], name: str) -> None:
    depth = nodes = 0
    for event in events:
        if isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.events.NodeEvent):
            nodes += 1
            depth += isinstance(event, yaml.events.CollectionStartEvent)
            if depth > MAX_DEPTH:
                raise _too_deep(_line(event), name)
            if nodes > MAX_NODES:
                raise FileError(name, f"has more than {MAX_NODES:,} values; split the file")


def _line(node: Any) -> int:
    return node.start_mark.line + 1 if node.start_mark else 0


def _too_deep(line: int, name: str) -> BotlabError:
    return FileError(name, f"nested deeper than {MAX_DEPTH} levels", line)


def refuse_expansion(root: Node | None, name: str) -> None:
    """Refuse a document whose aliases would expand it too much, and an anchor in itself.

    Args:
        root: The root node of the document.
        name: The name of the text.

    Raises:
        BotlabError: When the document with every alias written out exceeds a limit.
    """
    if root is not None:
        _Expansion(name).measure(root)


class _Expansion:
    """The number of nodes and the depth of each node with its aliases written out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._sizes: dict[int, tuple[int, int]] = {}

    def measure(self, root: Node) -> None:
        open_nodes: set[int] = set()
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, has_measured_children = stack.pop()
            if has_measured_children:
                open_nodes.discard(id(node))
                self._sizes[id(node)] = self._size(node)
            elif id(node) in open_nodes:
                raise FileError(self._name, "an anchor contains itself", _line(node))
            elif id(node) not in self._sizes:
                open_nodes.add(id(node))
                stack.append((node, True))
                stack.extend((child, False) for child in _children(node))
        self._refuse_size(root)

    def _size(self, node: Node) -> tuple[int, int]:
        sizes = [self._sizes[id(child)] for child in _children(node)]
        depth = 1 + max((depth for _, depth in sizes), default=-1)
        if depth > MAX_DEPTH:
            raise _too_deep(_line(node), self._name)
        # A bomb must not make the numbers themselves large.
        return min(1 + sum(nodes for nodes, _ in sizes), MAX_NODES + 1), depth

    def _refuse_size(self, root: Node) -> None:
        most = min(MAX_NODES, _FREE_EXPANSION + _EXPANSION_RATIO * len(self._sizes))
        if self._sizes[id(root)][0] > most:
            raise FileError(
                self._name,
                f"the aliases expand to more than {most:,} values; write the values"
                " out, or use fewer aliases",
            )


def _children(node: Node) -> list[Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return []
