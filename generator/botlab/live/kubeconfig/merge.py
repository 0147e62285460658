"""Add the entries of a lab to the text of a kubeconfig.

The text is changed as a tree of YAML nodes. All other entries, the unknown keys and the spelling
of every scalar stay. Comments do not: kubectl drops them too when it writes the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ...errors import BotlabError
from ...shell import command_line
from ...yaml_limits import refuse_expansion, refuse_large_text
from ...yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from ..errors import LiveError
from ..fields import as_mappings, mapping_at, text_at
from .entries import DECISIVE_KEYS, MARK, Owner, entries_of, marked
from .model import Kubeconfig
from .plain import is_null, plain

_YAML: Any = yaml
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_EMPTY = "apiVersion: v1\nkind: Config\n"


class MergeConflictError(LiveError):
    """An entry of the same name that does not belong to the lab.

    Args:
        file: The kubeconfig.
        kind: ``cluster``, ``user`` or ``context``.
        name: The name of the entry.
        owner: The model that the entry belongs to; empty if botlab did not write it.
    """

    def __init__(self, file: str, kind: str, name: str, owner: str) -> None:
        origin = f"belongs to the model {owner}" if owner else "was not written by botlab"
        remove = command_line("kubectl", "--kubeconfig", file, "config", f"delete-{kind}", name)
        super().__init__(
            f"{file}: the {kind} {name} {origin} and differs; choose another name with --context,"
            f" or remove the entry ({remove})"
        )
        self.kind = kind
        self.name = name
        self.owner = owner


def merge_kubeconfig(text: str, file: str, kubeconfig: Kubeconfig, name: str, owner: Owner) -> str:
    """Return a kubeconfig with the entries of a lab. If it has them already, it is unchanged.

    Args:
        text: The text of the kubeconfig; empty for a new one.
        file: Its name, for messages.
        kubeconfig: The access to the cluster.
        name: The name of the context, the cluster and the user.
        owner: The lab. Entries with its mark are updated when they differ.

    Raises:
        MergeConflictError: When an entry of the name differs and is not one of this lab.
        LiveError: When the text is not a kubeconfig.
    """
    tree = _Tree(text, file, owner)
    bodies = entries_of(kubeconfig, name)
    changes = [tree.put(kind, name, body) for kind, body in bodies.items()]
    changes.append(tree.choose(name))
    return tree.text() if any(changes) else text


class _Tree:
    """A kubeconfig as a tree of nodes.

    Args:
        text: Its text.
        file: Its name, for messages.
        owner: The lab whose entries may be changed.
    """

    def __init__(self, text: str, file: str, owner: Owner) -> None:
        self._file = file
        self._owner = owner
        self._root = self._parse(text if text.strip() else _EMPTY)

    def text(self) -> str:
        """Return the text of the tree."""
        return _YAML.serialize(self._root, Dumper=_DUMPER, allow_unicode=True, width=2**31 - 1)

    def put(self, kind: str, name: str, body: Mapping[str, str]) -> bool:
        """Add an entry, or update it; return whether the tree has changed."""
        section = self._section(f"{kind}s")
        entry = self._entry(section, name)
        if entry is None:
            section.value.append(_node({"name": name, kind: marked(body, self._owner)}, section))
            return True
        node = _child(entry, kind)
        if not isinstance(node, MappingNode):
            raise self._error(f"the {kind} {name} is not a mapping")
        return self._update(kind, name, node, body)

    def choose(self, name: str) -> bool:
        """Make a context the current one if there is none; return whether it is."""
        if plain(_child(self._root, "current-context")):
            return False
        _set(self._root, "current-context", _node(name, self._root))
        return True

    def _update(self, kind: str, name: str, node: MappingNode, body: Mapping[str, str]) -> bool:
        keys = DECISIVE_KEYS[kind]
        observed = {key: self._value(_child(node, key)) for key in keys}
        desired = {key: body.get(key) for key in keys}
        if observed == desired:
            return False
        model = self._model_of(node)
        if model != self._owner.model:
            raise MergeConflictError(self._file, kind, name, model)
        for key in keys:
            if desired[key] is None:
                _remove(node, key)
            elif observed[key] != desired[key]:
                _set(node, key, _node(desired[key], node))
        return True

    def _model_of(self, node: MappingNode) -> str:
        """Return the model that the mark of an entry names; empty if it has no mark."""
        for extension in as_mappings(self._value(_child(node, "extensions"))):
            if extension.get("name") == MARK:
                return text_at(mapping_at(extension, "extension"), "model")
        return ""

    def _parse(self, text: str) -> MappingNode:
        try:
            refuse_large_text(text, self._file)
            root: Node | None = _YAML.compose(text, Loader=_LOADER)
            refuse_expansion(root, self._file)
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            line = f" (line {mark.line + 1})" if mark else ""
            # The words of the fault could quote a part of a key.
            raise self._error(f"is not YAML{line}") from None
        except BotlabError as error:
            raise LiveError(error.message) from None
        if not isinstance(root, MappingNode):
            raise self._error("is not a mapping")
        return root

    def _section(self, key: str) -> SequenceNode:
        """Return the list of a section. A missing or empty section becomes an empty list."""
        node = _child(self._root, key)
        if is_null(node):
            node = _node([], self._root)
            node.flow_style = self._root.flow_style
            _set(self._root, key, node)
        if not isinstance(node, SequenceNode):
            raise self._error(f"{key} is not a list")
        if not node.value:
            node.flow_style = self._root.flow_style
        return node

    def _entry(self, section: SequenceNode, name: str) -> MappingNode | None:
        entries = [
            entry
            for entry in section.value
            if isinstance(entry, MappingNode) and self._value(_child(entry, "name")) == name
        ]
        if len(entries) > 1:
            raise self._error(f"has two entries {name}; remove one of them")
        return entries[0] if entries else None

    def _value(self, node: Node | None) -> Any:
        try:
            return plain(node)
        except ValueError as error:
            raise self._error(f"line {error} has a key twice, or a key that is not text") from None

    def _error(self, problem: str) -> LiveError:
        return LiveError(f"{self._file}: {problem}, so it is not changed; correct the file")


def _child(mapping: MappingNode, key: str) -> Node | None:
    return next((child for name, child in mapping.value if _is(name, key)), None)


def _set(mapping: MappingNode, key: str, node: Node) -> None:
    for index, (name, _) in enumerate(mapping.value):
        if _is(name, key):
            mapping.value[index] = (name, node)
            return
    mapping.value.append((_node(key, mapping), node))


def _remove(mapping: MappingNode, key: str) -> None:
    mapping.value[:] = [pair for pair in mapping.value if not _is(pair[0], key)]


def _is(node: Node, key: str) -> bool:
    return isinstance(node, ScalarNode) and node.value == key


def _node(content: object, parent: Node) -> Any:
    """Return the node of a value, in the style of the node that it is put into."""
    style = True if getattr(parent, "flow_style", False) else None
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=bool(style))
    return _YAML.compose(text, Loader=_LOADER)
