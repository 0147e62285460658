"""The files that a bundle names: its charms, its resources, and what it includes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...bundle.charm_url import is_local_path
from ...bundle.go_path import join_path
from ...bundle.includes import BASE64, FILE
from ...text_files import read_text
from ...yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, compose, pairs


def deployed_files(bundle: Path, overlays: Sequence[Path]) -> list[Path]:
    """Return the bundle, its overlays, and the files that they name.

    Args:
        bundle: The bundle.
        overlays: Its overlays.

    Raises:
        BotlabError: When one of them cannot be read.
    """
    files: dict[Path, None] = {}
    for source in (bundle, *overlays):
        files[source] = None
        for root in compose(read_text(source), str(source)):
            for name in _named_files(root, key="", owner=""):
                files[Path(join_path(str(source.parent), name))] = None
    return list(files)


def _named_files(node: Node | None, key: str, owner: str) -> Iterator[str]:
    """Yield the files that a node names.

    Args:
        node: The node.
        key: The key that has it.
        owner: The key that has the mapping of this key.
    """
    if isinstance(node, MappingNode):
        for name, child in pairs(node):
            yield from _named_files(child, str(name.value), key)
    elif isinstance(node, SequenceNode):
        children: list[Node] = node.value
        for child in children:
            yield from _named_files(child, "", key)
    elif isinstance(node, ScalarNode):
        text = str(node.value)
        if text.startswith((FILE, BASE64)):
            yield text.partition("://")[2]
        elif (key == "charm" or owner == "resources") and is_local_path(text):
            yield text
