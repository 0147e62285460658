"""MetalLB's configuration as its own YAML decoder reads it: strictly, with line numbers.

The releases up to 0.12 pass the text to go-yaml's UnmarshalStrict. A key or value that it refuses
is reported here with the same message. The fields are those of each release.
"""

from typing import Dict, List, NamedTuple, Optional, Tuple, Union

import yaml

from labcharm.json_types import JsonObject
from metallb.config.errors import RefusedError
from metallb.releases import Number

# A decoded configuration: it has only the keys that are written in the text.
Configuration = JsonObject


class Struct(NamedTuple):
    """A struct of MetalLB's package `config`."""

    name: str


class ListOf(NamedTuple):
    """A list of Go."""

    element: "GoType"


class MapOf(NamedTuple):
    """A map of Go, with strings as keys."""

    element: "GoType"


# A plain type by its name, or one of the above.
GoType = Union[str, Struct, ListOf, MapOf]
Fields = Dict[str, GoType]
Decoded = Union[None, str, bool, int, List["Decoded"], JsonObject]

_SELECTORS = ListOf(Struct("nodeSelector"))
_FIELDS: Dict[str, Fields] = {
    "configFile": {
        "peers": ListOf(Struct("peer")),
        "bgp-communities": MapOf("string"),
        "address-pools": ListOf(Struct("addressPool")),
    },
    "peer": {
        "my-asn": "uint32", "peer-asn": "uint32", "peer-address": "string", "peer-port": "uint16",
        "hold-time": "string", "router-id": "string", "node-selectors": _SELECTORS,
        "password": "string",
    },
    "nodeSelector": {
        "match-labels": MapOf("string"),
        "match-expressions": ListOf(Struct("selectorRequirements")),
    },
    "selectorRequirements": {"key": "string", "operator": "string", "values": ListOf("string")},
    "addressPool": {
        "protocol": "string", "name": "string", "addresses": ListOf("string"),
        "avoid-buggy-ips": "bool", "auto-assign": "bool",
        "bgp-advertisements": ListOf(Struct("bgpAdvertisement")),
    },
    "bgpAdvertisement": {
        "aggregation-length": "int", "localpref": "uint32", "communities": ListOf("string"),
    },
    "bfdProfile": {
        "name": "string", "receive-interval": "uint32", "transmit-interval": "uint32",
        "detect-multiplier": "uint32", "echo-interval": "uint32", "echo-mode": "bool",
        "passive-mode": "bool", "minimum-ttl": "uint32",
    },
}  # fmt: skip
# Fields that came later: the release, the struct, the fields.
_LATER_FIELDS: Tuple[Tuple[Number, str, Fields], ...] = (
    ((0, 11, 0), "peer", {"source-address": "string"}),
    ((0, 12, 0), "configFile", {"bfd-profiles": ListOf(Struct("bfdProfile"))}),
    (
        (0, 12, 0),
        "peer",
        {"keepalive-time": "string", "bfd-profile": "string", "ebgp-multihop": "bool"},
    ),
    ((0, 12, 0), "bgpAdvertisement", {"aggregation-length-v6": "int"}),
)
_RANGES = {"uint16": (0, 2**16 - 1), "uint32": (0, 2**32 - 1), "int": (-(2**63), 2**63 - 1)}


def decode(text: str, number: Number) -> Configuration:
    """Return the configuration that a text holds.

    Args:
        text: The configuration as YAML.
        number: The number of MetalLB's release.

    Raises:
        RefusedError: With every message of MetalLB's decoder.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"could not parse config: yaml: line {line}: {error.problem}"
        raise RefusedError(message) from None
    except yaml.YAMLError as error:
        raise RefusedError(f"could not parse config: yaml: {error}") from None
    except RecursionError:  # go-yaml allows 10,000 levels; no configuration has more than seven
        message = "could not parse config: yaml: exceeded max depth"
        raise RefusedError(message) from None
    decoder = _Decoder(number)
    configuration = decoder.decode_root(root)
    if decoder.errors:
        errors = "\n  ".join(decoder.errors)
        raise RefusedError(f"could not parse config: yaml: unmarshal errors:\n  {errors}")
    return configuration


class _Decoder:
    """Decodes the nodes of a document, and collects the errors."""

    def __init__(self, number: Number) -> None:
        self.errors: List[str] = []
        self._fields = {name: dict(fields) for name, fields in _FIELDS.items()}
        for since, name, fields in _LATER_FIELDS:
            if number >= since:
                self._fields[name].update(fields)

    def decode_root(self, root: Optional[yaml.Node]) -> Configuration:
        """Return the configuration; empty for an empty document."""
        configuration = None if root is None else self._decode(root, Struct("configFile"))
        return configuration if isinstance(configuration, dict) else {}

    def _decode(self, node: yaml.Node, go_type: GoType) -> Decoded:
        if isinstance(node, yaml.ScalarNode) and _tag(node) == "!!null":
            return None
        if isinstance(node, yaml.MappingNode) and isinstance(go_type, Struct):
            return self._decode_struct(node, go_type.name)
        if isinstance(node, yaml.MappingNode) and isinstance(go_type, MapOf):
            return self._decode_map(node, go_type.element)
        if isinstance(node, yaml.SequenceNode) and isinstance(go_type, ListOf):
            return [self._decode_element(element, go_type.element) for element in node.value]
        if isinstance(node, yaml.ScalarNode) and isinstance(go_type, str):
            return self._decode_scalar(node, go_type)
        return self._refuse(node, go_type)

    def _decode_element(self, node: yaml.Node, go_type: GoType) -> Decoded:
        """Return an element of a list; null is the zero value of its type, as in Go."""
        element = self._decode(node, go_type)
        if element is not None:
            return element
        if isinstance(go_type, str):
            return "" if go_type == "string" else 0
        return [] if isinstance(go_type, ListOf) else {}

    def _decode_struct(self, node: yaml.MappingNode, name: str) -> JsonObject:
        struct: Dict[str, Decoded] = {}
        for key_node, field_node in node.value:
            field = str(key_node.value)
            go_type = self._fields[name].get(field)
            if go_type is None:
                self._report(key_node, f"field {field} not found in type config.{name}")
            elif field in struct:
                self._report(key_node, f"field {field} already set in type config.{name}")
            else:
                struct[field] = self._decode(field_node, go_type)
        return {field: decoded for field, decoded in struct.items() if decoded is not None}

    def _decode_map(self, node: yaml.MappingNode, element: GoType) -> JsonObject:
        mapping: JsonObject = {}
        for key_node, element_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                self._report(key_node, f'key "{key}" already set in map')
            mapping[key] = self._decode(element_node, element) or ""
        return mapping

    def _decode_scalar(self, node: yaml.ScalarNode, go_type: str) -> Decoded:
        tag = _tag(node)
        if go_type == "string":
            return str(node.value)
        if go_type == "bool" and tag == "!!bool":
            truth = yaml.SafeLoader.bool_values.get(node.value.lower())
            return self._refuse(node, go_type) if truth is None else truth
        if go_type in _RANGES and tag == "!!int":
            number = _number_of(node)
            lowest, highest = _RANGES[go_type]
            if number is not None and lowest <= number <= highest:
                return number
        return self._refuse(node, go_type)

    def _refuse(self, node: yaml.Node, go_type: GoType) -> None:
        shown = ""
        if isinstance(node, yaml.ScalarNode):
            text = str(node.value)
            shown = f" `{text[:7]}...`" if len(text) > 10 else f" `{text}`"
        self._report(node, f"cannot unmarshal {_tag(node)}{shown} into {_go_name(go_type)}")

    def _report(self, node: yaml.Node, message: str) -> None:
        self.errors.append(f"line {node.start_mark.line + 1}: {message}")


def _number_of(node: yaml.ScalarNode) -> Optional[int]:
    """Return the number of a scalar with the tag !!int; None where its text is not a number."""
    try:
        number = yaml.SafeLoader("").construct_yaml_int(node)
    except (ValueError, IndexError):  # as for `!!int abc` and `!!int ""`
        return None
    return int(number)


def _tag(node: yaml.Node) -> str:
    return str(node.tag).replace("tag:yaml.org,2002:", "!!")


def _go_name(go_type: GoType) -> str:
    """Return a type's name in Go."""
    if isinstance(go_type, Struct):
        return f"config.{go_type.name}"
    if isinstance(go_type, ListOf):
        return f"[]{_go_name(go_type.element)}"
    if isinstance(go_type, MapOf):
        return f"map[string]{_go_name(go_type.element)}"
    return go_type
