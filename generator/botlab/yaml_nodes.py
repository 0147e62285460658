"""Parse YAML text into a tree of nodes that know their lines.

Site files and bundles are both read from such trees. A reader can thus report the line of a wrong
value, and can read a scalar by its text: ``2.6``, ``1e3`` and ``yes`` keep their spelling in spite
of YAML 1.1's implicit types. Malicious input ends in a :class:`botlab.errors.BotlabError`, never
in a deep recursion or in an endless expansion of aliases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.composer import ComposerError

from .errors import BotlabError
from .yaml_events import UnknownAnchorError, compose_events, scalar_tag
from .yaml_faults import YamlFault, fault_of

Node = yaml.nodes.Node
ScalarNode = yaml.nodes.ScalarNode
SequenceNode = yaml.nodes.SequenceNode
MappingNode = yaml.nodes.MappingNode

# A bundle nests about eight levels deep; libyaml's own loader stops at 1,000.
MAX_DEPTH = 200
# 5,000 machines with 20,000 units make about 300,000 nodes.
MAX_NODES = 5_000_000


class PlainText(str):
    """The text of an unquoted scalar, with the value that YAML gives it."""

    __slots__ = ("value",)
    value: str | int | float | bool | None


# PyYAML's type stubs do not describe these functions.
_YAML: Any = yaml
_SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INDENTATION = re.compile(r"^[ \-?:]*", re.MULTILINE)


class _Loader(_SAFE_LOADER):
    """A loader that resolves no types: a scalar has its explicit tag, or is plain or quoted."""

    def resolve(self, kind: type[Node], value: object, implicit: tuple[bool, bool]) -> str:
        del value
        return scalar_tag(implicit) if kind is ScalarNode else kind.__name__


@dataclass(slots=True)
class Composed:
    """The documents of a YAML text.

    Attributes:
        roots: The root node of each document before the fault; None for an empty document.
        fault: The fault at which the parser stops; None when the text is YAML.
    """

    roots: list[Node | None] = field(default_factory=list["Node | None"])
    fault: YamlFault | None = None


def compose(text: str, name: str) -> list[Node | None]:
    """Parse all documents of a YAML text.

    Args:
        text: The YAML text.
        name: The text's name in error messages.

    Returns:
        The root node of each document; None for an empty document.

    Raises:
        BotlabError: When the text is not YAML or is nested too deeply, or an anchor contains
            itself.
    """
    composed = compose_documents(text, name)
    if composed.fault is not None:
        location = f"{name}{composed.fault.position}"
        raise BotlabError(f"{location}: cannot be read as YAML: {composed.fault.reason}")
    return composed.roots


def compose_documents(text: str, name: str) -> Composed:
    """Parse the documents of a YAML text up to the first fault.

    Args:
        text: The YAML text.
        name: The text's name in error messages.

    Raises:
        BotlabError: When the text is nested too deeply, or an anchor contains itself.
    """
    _refuse_depth(text, name)
    composed = Composed()
    _compose_into(composed, text)
    if "*" in text:
        for root in composed.roots:
            _refuse_expansion(root, name)
    return composed


def _compose_into(composed: Composed, text: str) -> None:
    try:
        composed.roots.extend(_YAML.compose_all(text, Loader=_Loader))
    except ComposerError as error:
        if "duplicate anchor" in (error.context or ""):
            _compose_repeated_anchors(composed, text)
        else:
            composed.fault = fault_of(error, text)
    except (yaml.YAMLError, ValueError) as error:
        composed.fault = fault_of(error, text)


def _compose_repeated_anchors(composed: Composed, text: str) -> None:
    composed.roots.clear()
    try:
        composed.roots.extend(compose_events(_YAML.parse(text, Loader=_Loader)))
    except UnknownAnchorError as error:
        composed.fault = error.fault
    except (yaml.YAMLError, ValueError) as error:
        composed.fault = fault_of(error, text)


def line_of(node: Node) -> int:
    """Return the line on which a node starts, counted from 1."""
    return node.start_mark.line + 1


def pairs(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """Yield the keys and values of a mapping in the order of the text."""
    yield from node.value


def decode_text(raw: bytes, name: str) -> str:
    """Decode the content of a file.

    Raises:
        BotlabError: When it is not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BotlabError(
            f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from None


def _refuse_depth(text: str, name: str) -> None:
    """Refuse a text that would make the composer recurse deeper than MAX_DEPTH.

    The number of brackets plus the longest indentation is an upper bound of the depth, and takes
    one pass to compute. Only texts above it are parsed event by event.
    """
    indent = max((len(match.group()) for match in _INDENTATION.finditer(text)), default=0)
    if indent + text.count("[") + text.count("{") < MAX_DEPTH:
        return
    try:
        _count_depth(_YAML.parse(text, Loader=_Loader), name)
    except (yaml.YAMLError, ValueError):
        return  # The composer reports the fault, and nothing before it is too deep.


def _count_depth(events: Iterable[Any], name: str) -> None:
    """Raise a BotlabError at the first event that is nested deeper than MAX_DEPTH."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                location = f"{name}:{mark.line + 1}" if mark else name
                raise BotlabError(f"{location}: nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    if isinstance(node, SequenceNode):
        return list(node.value)
    return []


def _refuse_expansion(root: Node | None, name: str) -> None:
    """Count the nodes as if every alias were written out, and refuse an anchor in itself."""
    if root is None:
        return
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, has_counted_children = stack.pop()
        key = id(node)
        if has_counted_children:
            open_nodes.discard(key)
            sizes[key] = 1 + sum(sizes[id(child)] for child in _children(node))
            if sizes[key] > MAX_NODES:
                raise BotlabError(
                    f"{name}:{line_of(node)}: the aliases expand to more than {MAX_NODES} nodes"
                )
        elif key in open_nodes:
            raise BotlabError(f"{name}:{line_of(node)}: an anchor contains itself")
        elif key not in sizes:
            open_nodes.add(key)
            stack.append((node, True))
            stack.extend((child, False) for child in _children(node))
