"""Parse YAML text into a tree of nodes that know their lines.

Site files and bundles are both read from such trees. A reader can thus report the line of a wrong
value, and can read a scalar by its text: ``2.6``, ``1e3`` and ``yes`` keep their spelling in spite
of YAML 1.1's implicit types. Malicious input ends in a :class:`botlab.errors.BotlabError`, never
in a deep recursion or in an endless expansion of aliases.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.composer import ComposerError

from .errors import BotlabError, FileError
from .findings import Position
from .yaml_events import UnknownAnchorError, compose_events, scalar_tag
from .yaml_faults import YamlFault, fault_of
from .yaml_limits import refuse_expansion, refuse_large_text

Node = yaml.nodes.Node
ScalarNode = yaml.nodes.ScalarNode
SequenceNode = yaml.nodes.SequenceNode
MappingNode = yaml.nodes.MappingNode


class PlainText(str):
    """The text of an unquoted scalar, with the value that YAML gives it."""

    __slots__ = ("value",)
    value: str | int | float | bool | None


# PyYAML's type stubs do not describe these functions.
_YAML: Any = yaml
_SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        BotlabError: When the text is not YAML or exceeds a limit, or an anchor contains itself.
    """
    composed = compose_documents(text, name)
    fault = composed.fault
    if fault is not None:
        message = f"{name}{fault.position}: cannot be read as YAML: {fault.reason}"
        raise BotlabError(message, name, fault.line, fault.column)
    return composed.roots


def compose_documents(text: str, name: str) -> Composed:
    """Parse the documents of a YAML text up to the first fault.

    Args:
        text: The YAML text.
        name: The text's name in error messages.

    Raises:
        BotlabError: When the text exceeds a limit, or an anchor contains itself.
    """
    refuse_large_text(text, name)
    composed = Composed()
    _compose_into(composed, text)
    if "*" in text:
        for root in composed.roots:
            refuse_expansion(root, name)
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


def position_of(node: Node) -> Position:
    """Return the line and the column at which a node starts, counted from 1."""
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def pairs(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """Yield the keys and values of a mapping in the order of the text."""
    yield from node.value


@functools.lru_cache(maxsize=32)
def first_entries(node: MappingNode) -> Mapping[str, tuple[Node, Node]]:
    """Return the first key and value of each name in a mapping, without merges.

    The index is kept for the mappings that are used most, so that the search for the lines of many
    findings takes time linear to their number.
    """
    entries: dict[str, tuple[Node, Node]] = {}
    for key, child in pairs(node):
        if isinstance(key, ScalarNode):
            entries.setdefault(str(key.value), (key, child))
    return entries


def path_to(root: Node, target: Node) -> tuple[str | int, ...] | None:
    """Return the path of a node below another one; None when it is not there or in a key."""
    if root is target:
        return ()
    children: list[tuple[str | int, Node]] = []
    if isinstance(root, MappingNode):
        children = [(str(key.value), child) for key, child in pairs(root)]
    elif isinstance(root, SequenceNode):
        nodes: list[Node] = root.value
        children = list(enumerate(nodes))
    paths = ((part, path_to(child, target)) for part, child in children)
    return next(((part, *path) for part, path in paths if path is not None), None)


def decode_text(raw: bytes, name: str) -> str:
    """Decode the content of a file.

    Raises:
        BotlabError: When it is not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(name, f"byte {error.start} is not UTF-8; save the file as UTF-8") from None
