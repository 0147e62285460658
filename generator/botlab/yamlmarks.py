"""YAML text as a tree of nodes that know their line; the only place that meets raw YAML.

Both the site file and bundles are read from this tree: a typed reader can then say where a wrong
value stands, and read a scalar by its text (``2.6``, ``1e3`` and ``yes`` are not changed by
YAML 1.1's guesses). Hostile input ends in :class:`botlab.errors.BotlabError`, never in a deep
recursion or an expansion of aliases without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .errors import BotlabError

Node = yaml.nodes.Node
ScalarNode = yaml.nodes.ScalarNode
SequenceNode = yaml.nodes.SequenceNode
MappingNode = yaml.nodes.MappingNode

# A bundle nests about eight levels deep; libyaml's own loader stops at 1,000.
MAX_DEPTH = 200
# 5,000 machines with 20,000 units make about 300,000 nodes.
MAX_NODES = 5_000_000


class PlainText(str):
    """The text of an unquoted scalar, with the value that YAML would give it."""

    __slots__ = ("value",)
    value: str | int | float | bool | None


# PyYAML's own types leave these two functions open.
_YAML: Any = yaml
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_DEPTH = re.compile(r"^[ \-?:]*", re.MULTILINE)


def compose(text: str, name: str) -> list[Node | None]:
    """Compose all documents of a YAML text.

    Args:
        text: The YAML text.
        name: What to call it in an error.

    Returns:
        One root node per document; None for an empty document.

    Raises:
        BotlabError: When it is no YAML, nests too deep, or an anchor contains itself.
    """
    _refuse_depth(text, name)
    try:
        roots: list[Node | None] = list(_YAML.compose_all(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        raise BotlabError(_syntax(error, name)) from None
    except (yaml.YAMLError, ValueError, UnicodeError) as error:
        reason = " ".join(str(error).split())
        raise BotlabError(f"{name}: cannot be read as YAML: {reason}") from None
    if "*" in text:
        for root in roots:
            _refuse_expansion(root, name)
    return roots


def line(node: Node) -> int:
    """Return the line on which a node starts, from 1."""
    return node.start_mark.line + 1


def pairs(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """Yield the keys and values of a mapping as they are written."""
    yield from node.value


def decode_text(raw: bytes, name: str) -> str:
    """Decode a file's bytes.

    Raises:
        BotlabError: When they are not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BotlabError(f"{name}: byte {error.start} is not UTF-8; save it as UTF-8") from None


def _syntax(error: yaml.MarkedYAMLError, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
    context = f" {error.context}" if error.context else ""
    return f"{place}: cannot be read as YAML: {error.problem or 'syntax error'}{context}"


def _refuse_depth(text: str, name: str) -> None:
    """Stop before the composer recurses deeper than MAX_DEPTH.

    The sum of all brackets and the longest run of indentation is an upper bound that costs one
    pass; only a text above it is walked event by event.
    """
    indent = max((len(found.group()) for found in _LINE_DEPTH.finditer(text)), default=0)
    if indent + text.count("[") + text.count("{") < MAX_DEPTH:
        return
    depth = 0
    try:
        for event in _YAML.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.events.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    mark = event.start_mark
                    where = f"{name}:{mark.line + 1}" if mark else name
                    raise BotlabError(f"{where}: nests deeper than {MAX_DEPTH} levels")
            elif isinstance(event, yaml.events.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:
        raise BotlabError(_syntax(error, name)) from None
    except (yaml.YAMLError, ValueError, UnicodeError) as error:
        raise BotlabError(f"{name}: cannot be read as YAML: {error}") from None


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    if isinstance(node, SequenceNode):
        return list(node.value)
    return []


def _refuse_expansion(root: Node | None, name: str) -> None:
    """Count the nodes as if every alias were written out; stop at a self reference."""
    if root is None:
        return
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        key = id(node)
        if done:
            open_nodes.discard(key)
            sizes[key] = 1 + sum(sizes[id(child)] for child in _children(node))
            if sizes[key] > MAX_NODES:
                raise BotlabError(f"{name}:{line(node)}: aliases expand without measure")
        elif key in open_nodes:
            raise BotlabError(f"{name}:{line(node)}: an anchor contains itself")
        elif key not in sizes:
            open_nodes.add(key)
            stack.append((node, True))
            stack.extend((child, False) for child in _children(node))
