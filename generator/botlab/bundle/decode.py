"""Decode YAML nodes into the types of Juju's Go code, and record go-yaml's error messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ..findings import KeyPath
from ..go_yaml import DecodeError, is_early_null, is_merge, resolve, short_tag, value_hint
from ..yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, line_of, pairs
from .go_text import format_value


class _Undecoded:
    """The result for a node that cannot be decoded. go-yaml then keeps the target's old value."""


UNDECODED: Final = _Undecoded()


class TypeProblem(NamedTuple):
    """A value of a wrong type.

    Attributes:
        path: The key path of the value.
        line: Its line.
        go_message: go-yaml's line about it, without the indentation.
        expected: The right type, as a description for people.
    """

    path: KeyPath
    line: int
    go_message: str
    expected: str


class KeyProblem(NamedTuple):
    """An unknown key, or a key that its mapping already holds.

    Attributes:
        path: The key path.
        line: The line of the key.
        valid_keys: The keys that the format has here; empty for a duplicate key.
    """

    path: KeyPath
    line: int
    valid_keys: tuple[str, ...]

    @property
    def key(self) -> str:
        """The last part of the path."""
        return str(self.path[len(self.path) - 1])


@dataclass(slots=True)
class DecodeProblems:
    """The problems of one document."""

    types: list[TypeProblem] = field(default_factory=list[TypeProblem])
    unknown_keys: list[KeyProblem] = field(default_factory=list[KeyProblem])
    duplicate_keys: list[KeyProblem] = field(default_factory=list[KeyProblem])


# Decodes a node at a key path. The value is UNDECODED when the node has the wrong type.
Decoder = Callable[[Node, KeyPath, DecodeProblems], Any]


class GoType(NamedTuple):
    """A Go type.

    Attributes:
        name: Its name in go-yaml's messages.
        description: Its description for people.
        decode: Decodes a node into it.
    """

    name: str
    description: str
    decode: Decoder


def _add_type_problem(
    node: Node, path: KeyPath, problems: DecodeProblems, go_name: str, description: str
) -> _Undecoded:
    line = line_of(node)
    hint = value_hint(node)
    message = f"line {line}: cannot unmarshal {short_tag(node)}{hint} into {go_name}"
    problems.types.append(TypeProblem(path, line, message, description))
    return UNDECODED


def _decode_string(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
    if not isinstance(node, ScalarNode):
        return _add_type_problem(node, path, problems, "string", "a string")
    tag, scalar = resolve(node)
    if tag == "!!binary":
        return scalar
    return "" if scalar is None else node.value


def _decode_int(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
    if isinstance(node, ScalarNode):
        scalar = resolve(node)[1]
        if scalar is None:
            return 0
        if isinstance(scalar, int) and not isinstance(scalar, bool) and scalar < 2**63:
            return scalar
        if isinstance(scalar, float) and scalar <= 2**63:
            # Go's conversion of a float that is out of range gives the smallest integer.
            return int(scalar) if abs(scalar) < 2**63 else -(2**63)
    return _add_type_problem(node, path, problems, "int", "an integer")


def _decode_bool(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
    if isinstance(node, ScalarNode):
        tag, scalar = resolve(node)
        if tag in ("!!bool", "!!null"):
            return bool(scalar)
    return _add_type_problem(node, path, problems, "bool", "true or false")


def _decode_any(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
    if isinstance(node, ScalarNode):
        return resolve(node)[1]
    if isinstance(node, SequenceNode):
        return [_decode_any(child, (*path, i), problems) for i, child in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    decoded: dict[Any, Any] = {}
    for key, child in expanded_entries(node):
        name = _decode_any(key, path, problems)
        if isinstance(name, dict | list):
            raise DecodeError(f"yaml: invalid map key: {format_value(name)}")  # pyright: ignore[reportUnknownArgumentType]
        decoded[name] = _decode_any(child, (*path, str(name)), problems)
    return decoded


def _decode_scalar(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
    del path, problems
    return "" if not isinstance(node, ScalarNode) or is_early_null(node) else node.value


STRING = GoType("string", "a string", _decode_string)
INT = GoType("int", "an integer", _decode_int)
# A key that the release does not read, but that the lab's rules look at.
UNREAD = GoType("string", "a string", _decode_scalar)
BOOL = GoType("bool", "true or false", _decode_bool)
ANY = GoType("interface {}", "any value", _decode_any)


def pointer_to(target: GoType) -> GoType:
    """Return a type that decodes null as None."""
    go_name = f"*{target.name}"

    def decode(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
        if not is_early_null(node):
            return target.decode(node, path, problems)
        assert isinstance(node, ScalarNode)
        if resolve(node)[1] is None:
            return None
        return _add_type_problem(node, path, problems, go_name, target.description)

    return GoType(go_name, target.description, decode)


def list_of(element: GoType) -> GoType:
    """Return the type of a list. As in go-yaml, the list lacks entries that cannot be decoded."""
    go_name = f"[]{element.name}"
    description = f"a list of {_plural(element.description)}"

    def decode(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
        if is_null(node):
            return []
        if not isinstance(node, SequenceNode):
            return _add_type_problem(node, path, problems, go_name, description)
        decoded = (
            element.decode(child, (*path, i), problems) for i, child in enumerate(node.value)
        )
        return [entry for entry in decoded if entry is not UNDECODED]

    return GoType(go_name, description, decode)


def map_of(element: GoType, *, nullable: bool = False) -> GoType:
    """Return the type of a mapping whose keys are strings.

    Args:
        element: The type of the values.
        nullable: Whether null is decoded as None instead of an empty mapping.
    """
    go_name = f"map[string]{element.name}"
    description = f"a mapping of {_plural(element.description)}"

    def decode(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
        if is_null(node):
            return None if nullable else {}
        if not isinstance(node, MappingNode):
            return _add_type_problem(node, path, problems, go_name, description)
        decoded: dict[str, Any] = {}
        names: set[str] = set()
        for name, _, child, is_own in _named_entries(node, path, problems):
            entry = element.decode(child, (*path, name), problems)
            if entry is UNDECODED:
                continue
            if is_own and name in names:
                problems.duplicate_keys.append(KeyProblem((*path, name), line_of(child), ()))
            if is_own:
                names.add(name)
            decoded[name] = entry
        return decoded

    return GoType(go_name, description, decode)


def struct_of(
    go_name: str,
    description: str,
    fields: Mapping[str, tuple[str, GoType]],
    make: Callable[[], Any],
) -> GoType:
    """Return the type of a struct.

    Args:
        go_name: The name of the struct in go-yaml's messages.
        description: The description for people.
        fields: The attribute and the type of each YAML key. Other keys are recorded as unknown.
        make: Makes an object with empty attributes.
    """
    valid_keys = tuple(fields)

    def decode(node: Node, path: KeyPath, problems: DecodeProblems) -> Any:
        target = make()
        if is_null(node):
            return target
        if not isinstance(node, MappingNode):
            return _add_type_problem(node, path, problems, go_name, description)
        names: set[str] = set()
        for name, key, child, is_own in _named_entries(node, path, problems):
            if name not in fields:
                problem = KeyProblem((*path, name), line_of(key), valid_keys)
                problems.unknown_keys.append(problem)
                continue
            if is_own and name in names:
                problems.duplicate_keys.append(KeyProblem((*path, name), line_of(key), ()))
            if is_own:
                names.add(name)
            _set_field(target, fields[name], child, (*path, name), problems)
        return target

    return GoType(go_name, description, decode)


def _set_field(
    target: object,
    struct_field: tuple[str, GoType],
    node: Node,
    path: KeyPath,
    problems: DecodeProblems,
) -> None:
    attribute, go_type = struct_field
    decoded = go_type.decode(node, path, problems)
    if decoded is UNDECODED:
        return
    current = getattr(target, attribute)
    if isinstance(decoded, dict) and isinstance(current, dict) and not is_null(node):
        # go-yaml adds to a mapping that is already there: from an anchor, or from an equal key.
        current.update(decoded)  # pyright: ignore[reportUnknownMemberType]
    else:
        setattr(target, attribute, decoded)


def is_null(node: Node) -> bool:
    """Return whether a node is YAML's null."""
    return isinstance(node, ScalarNode) and resolve(node)[0] == "!!null"


def _named_entries(
    node: MappingNode, path: KeyPath, problems: DecodeProblems
) -> Iterator[tuple[str, Node, Node, bool]]:
    """Yield each entry whose key is a string.

    An entry is the key's name, the key, the value, and whether the key stands in the mapping
    itself rather than in one that it merges.
    """
    own_keys = {id(key) for key, _ in pairs(node)}
    for key, child in expanded_entries(node):
        name = STRING.decode(key, path, problems)
        if name is not UNDECODED:
            yield name, key, child, id(key) in own_keys


def expanded_entries(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """Yield the keys and values of a mapping, with merges expanded in place as go-yaml v2 does.

    Raises:
        DecodeError: When the value of a merge is neither a mapping nor a list of mappings.
    """
    for key, child in pairs(node):
        if not is_merge(key):
            yield key, child
            continue
        # The first mapping of a list wins, so it comes last.
        mappings = reversed(child.value) if isinstance(child, SequenceNode) else [child]
        for mapping in mappings:
            if not isinstance(mapping, MappingNode):
                raise DecodeError("yaml: map merge requires map or sequence of maps as the value")
            yield from expanded_entries(mapping)


def _plural(description: str) -> str:
    plurals = {
        "a string": "strings",
        "an integer": "integers",
        "any value": "values",
        "true or false": "true or false",
    }
    singular = description.removeprefix("a ").removeprefix("an ")
    return plurals.get(description, f"{singular} entries")
