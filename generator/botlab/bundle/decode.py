"""Decode YAML nodes into Go-typed values, with go-yaml's own words for what does not fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..findings import KeyPath
from ..goyaml import resolve, short_tag, value_hint
from ..yamlmarks import MappingNode, Node, ScalarNode, SequenceNode, line, pairs


class _Bad:
    """Marks a value that did not decode; go-yaml then leaves the target as it was."""


BAD: Final = _Bad()


@dataclass(frozen=True, slots=True)
class TypeProblem:
    """A value of the wrong type.

    ``go`` is go-yaml's line without its leading blanks; ``wanted`` is the type in plain words.
    """

    path: KeyPath
    line: int
    go: str
    wanted: str


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """A key that the format does not know (``known`` not empty) or that stands twice."""

    path: KeyPath
    line: int
    known: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key itself."""
        return str(self.path[len(self.path) - 1])


@dataclass(slots=True)
class Problems:
    """What was seen while decoding one document."""

    types: list[TypeProblem] = field(default_factory=list[TypeProblem])
    unknown: list[KeyProblem] = field(default_factory=list[KeyProblem])
    repeated: list[KeyProblem] = field(default_factory=list[KeyProblem])


@dataclass(frozen=True, slots=True)
class Kind:
    """A Go type: its name in go-yaml's errors, its name for people, and how to read it."""

    go: str
    plain: str
    read: Callable[[Node, KeyPath, Problems], Any]


def _wrong(node: Node, path: KeyPath, problems: Problems, go: str, plain: str) -> _Bad:
    text = f"line {line(node)}: cannot unmarshal {short_tag(node)}{value_hint(node)} into {go}"
    problems.types.append(TypeProblem(path, line(node), text, plain))
    return BAD


def _read_string(node: Node, path: KeyPath, problems: Problems) -> Any:
    if not isinstance(node, ScalarNode):
        return _wrong(node, path, problems, "string", "a text")
    return "" if resolve(node)[1] is None else node.value


def _read_int(node: Node, path: KeyPath, problems: Problems) -> Any:
    if isinstance(node, ScalarNode):
        value = resolve(node)[1]
        if value is None:
            return 0
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            return value
        if isinstance(value, float) and math.isfinite(value) and abs(value) < 2**63:
            return int(value)
    return _wrong(node, path, problems, "int", "a whole number")


def _read_bool(node: Node, path: KeyPath, problems: Problems) -> Any:
    if isinstance(node, ScalarNode):
        tag, value = resolve(node)
        if tag in ("!!bool", "!!null"):
            return bool(value)
    return _wrong(node, path, problems, "bool", "true or false")


def _read_any(node: Node, path: KeyPath, problems: Problems) -> Any:
    if isinstance(node, ScalarNode):
        return resolve(node)[1]
    if isinstance(node, SequenceNode):
        return [_read_any(child, (*path, i), problems) for i, child in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    result: dict[Any, Any] = {}
    for key, value in _entries(node):
        name = _read_any(key, path, problems)
        if isinstance(name, dict | list):
            name = str(key)  # go-yaml refuses such a key; kept apart by identity here
        result[name] = _read_any(value, (*path, str(name)), problems)
    return result


STRING = Kind("string", "a text", _read_string)
INT = Kind("int", "a whole number", _read_int)
BOOL = Kind("bool", "true or false", _read_bool)
ANY = Kind("interface {}", "any value", _read_any)


def pointer(kind: Kind) -> Kind:
    """Return a type whose null is kept as None."""

    def read(node: Node, path: KeyPath, problems: Problems) -> Any:
        return None if is_null(node) else kind.read(node, path, problems)

    return Kind(f"*{kind.go}", kind.plain, read)


def list_of(item: Kind) -> Kind:
    """Return the type of a list; an item that does not decode is left out, as go-yaml does."""
    go = f"[]{item.go}"
    plain = f"a list of {_many(item.plain)}"

    def read(node: Node, path: KeyPath, problems: Problems) -> Any:
        if is_null(node):
            return []
        if not isinstance(node, SequenceNode):
            return _wrong(node, path, problems, go, plain)
        values = (item.read(child, (*path, i), problems) for i, child in enumerate(node.value))
        return [value for value in values if value is not BAD]

    return Kind(go, plain, read)


def map_of(item: Kind, *, nullable: bool = False) -> Kind:
    """Return the type of a mapping with text keys; ``nullable`` keeps a null mapping as None."""
    go = f"map[string]{item.go}"
    plain = f"a mapping of {_many(item.plain)}"

    def read(node: Node, path: KeyPath, problems: Problems) -> Any:
        if is_null(node):
            return None if nullable else {}
        if not isinstance(node, MappingNode):
            return _wrong(node, path, problems, go, plain)
        result: dict[str, Any] = {}
        for key, child in _entries(node):
            name = STRING.read(key, path, problems)
            if name is BAD:
                continue
            value = item.read(child, (*path, name), problems)
            if value is BAD:
                continue
            if name in result:
                problems.repeated.append(KeyProblem((*path, name), line(child), ()))
            result[name] = value
        return result

    return Kind(go, plain, read)


def struct_of(
    go: str, plain: str, fields: Mapping[str, tuple[str, Kind]], make: Callable[[], Any]
) -> Kind:
    """Return the type of a struct: YAML key -> (attribute, type); unknown keys are noted."""
    known = tuple(fields)

    def read(node: Node, path: KeyPath, problems: Problems) -> Any:
        target = make()
        if is_null(node):
            return target
        if not isinstance(node, MappingNode):
            return _wrong(node, path, problems, go, plain)
        seen: set[str] = set()
        for key, child in _entries(node):
            name = STRING.read(key, path, problems)
            if name is BAD:
                continue
            if name not in fields:
                problems.unknown.append(KeyProblem((*path, name), line(key), known))
                continue
            if name in seen:
                problems.repeated.append(KeyProblem((*path, name), line(key), ()))
            seen.add(name)
            attribute, kind = fields[name]
            value = kind.read(child, (*path, name), problems)
            if value is not BAD:
                setattr(target, attribute, value)
        return target

    return Kind(go, plain, read)


def is_null(node: Node) -> bool:
    """Tell whether a node is YAML's null."""
    return isinstance(node, ScalarNode) and resolve(node)[0] == "!!null"


def is_merge(key: Node) -> bool:
    """Tell whether a key is the merge key ``<<``."""
    return isinstance(key, ScalarNode) and key.value == "<<" and not key.style


def _entries(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """Yield keys and values in order, with merges written out where they stand (go-yaml v2)."""
    for key, value in pairs(node):
        if not is_merge(key):
            yield key, value
        elif isinstance(value, MappingNode):
            yield from _entries(value)
        elif isinstance(value, SequenceNode):
            for part in reversed(value.value):
                if isinstance(part, MappingNode):
                    yield from _entries(part)


def _many(plain: str) -> str:
    words = {
        "a text": "texts",
        "a whole number": "whole numbers",
        "any value": "values",
        "true or false": "true or false",
    }
    return words.get(plain, plain.removeprefix("a ").removeprefix("an ") + " entries")
