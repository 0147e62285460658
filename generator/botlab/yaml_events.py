"""Compose YAML documents that use an anchor's name twice.

PyYAML refuses the second anchor. In Go's library, as in YAML, it replaces the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import yaml

from .yaml_faults import YamlFault, unknown_anchor

Node = yaml.nodes.Node
# The tag that a loader gives a scalar without a tag: PLAIN if it is not quoted.
PLAIN = ""
QUOTED = "!"


class UnknownAnchorError(Exception):
    """An alias whose anchor does not exist, as a fault of the text."""

    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault.go_message)
        self.fault = fault


def scalar_tag(implicit: tuple[bool, bool]) -> str:
    """Return the tag of a scalar that has none, or only the tag ``!``."""
    return PLAIN if implicit[0] else QUOTED


def compose_events(events: Iterable[Any]) -> Iterator[Node]:
    """Yield the root node of each document of a stream of parser events.

    Raises:
        UnknownAnchorError: At an alias whose anchor does not exist.
        yaml.YAMLError: When the text is not YAML.
    """
    stream = iter(events)
    for event in stream:
        if isinstance(event, yaml.DocumentStartEvent):
            yield _Composer(stream).node(next(stream))


class _Composer:
    """Builds the nodes of one document."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, Node] = {}

    def node(self, event: Any) -> Node:
        """Return the node that starts with an event."""
        if isinstance(event, yaml.AliasEvent):
            name = str(event.anchor)
            if name not in self._anchors:
                raise UnknownAnchorError(unknown_anchor(name, cast("yaml.Mark", event.start_mark)))
            return self._anchors[name]
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        is_sequence = isinstance(event, yaml.SequenceStartEvent)
        kind: Any = yaml.SequenceNode if is_sequence else yaml.MappingNode
        node = kind(kind.__name__, [], event.start_mark, None, flow_style=event.flow_style)
        self._remember(event, node)
        children = list(self._children())
        # A list may have an odd number of entries; it does not use the pairs.
        pairs = zip(children[::2], children[1::2], strict=False)
        node.value = children if is_sequence else list(pairs)
        return node

    def _scalar(self, event: Any) -> Node:
        tag = event.tag if event.tag not in (None, "!") else scalar_tag(event.implicit)
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark, event.style)
        self._remember(event, node)
        return node

    def _children(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.CollectionEndEvent):
                return
            yield self.node(event)

    def _remember(self, event: Any, node: Node) -> None:
        if event.anchor is not None:
            self._anchors[event.anchor] = node
