"""MetalLB's configuration as its own YAML decoder reads it: strictly, with line numbers.

The releases up to 0.12 hand the text to go-yaml's UnmarshalStrict. A key or value that it refuses
is told here in the same words; the fields are those of each release.
"""

from typing import Any, Dict, List, Tuple

import yaml

Number = Tuple[int, int, int]
# Kind of a value: a Go type's name, ("list", kind), ("map", kind) or ("struct", name).
_STRUCT, _LIST, _MAP = "struct", "list", "map"
_SELECTORS = (_LIST, (_STRUCT, "nodeSelector"))
_FIELDS: Dict[str, Dict[str, Any]] = {
    "configFile": {
        "peers": (_LIST, (_STRUCT, "peer")),
        "bgp-communities": (_MAP, "string"),
        "address-pools": (_LIST, (_STRUCT, "addressPool")),
    },
    "peer": {
        "my-asn": "uint32", "peer-asn": "uint32", "peer-address": "string", "peer-port": "uint16",
        "hold-time": "string", "router-id": "string", "node-selectors": _SELECTORS,
        "password": "string",
    },
    "nodeSelector": {
        "match-labels": (_MAP, "string"),
        "match-expressions": (_LIST, (_STRUCT, "selectorRequirements")),
    },
    "selectorRequirements": {"key": "string", "operator": "string", "values": (_LIST, "string")},
    "addressPool": {
        "protocol": "string", "name": "string", "addresses": (_LIST, "string"),
        "avoid-buggy-ips": "bool", "auto-assign": "bool",
        "bgp-advertisements": (_LIST, (_STRUCT, "bgpAdvertisement")),
    },
    "bgpAdvertisement": {
        "aggregation-length": "int", "localpref": "uint32", "communities": (_LIST, "string"),
    },
    "bfdProfile": {
        "name": "string", "receive-interval": "uint32", "transmit-interval": "uint32",
        "detect-multiplier": "uint32", "echo-interval": "uint32", "echo-mode": "bool",
        "passive-mode": "bool", "minimum-ttl": "uint32",
    },
}  # fmt: skip
_LATER: Tuple[Tuple[Number, str, Dict[str, Any]], ...] = (
    ((0, 11, 0), "peer", {"source-address": "string"}),
    ((0, 12, 0), "configFile", {"bfd-profiles": (_LIST, (_STRUCT, "bfdProfile"))}),
    (
        (0, 12, 0),
        "peer",
        {"keepalive-time": "string", "bfd-profile": "string", "ebgp-multihop": "bool"},
    ),
    ((0, 12, 0), "bgpAdvertisement", {"aggregation-length-v6": "int"}),
)
_RANGES = {"uint16": (0, 2**16 - 1), "uint32": (0, 2**32 - 1), "int": (-(2**63), 2**63 - 1)}


class GrammarError(Exception):
    """A text that the decoder refuses, in its words."""


def decode(text: str, number: Number) -> Dict[str, Any]:
    """Return the configuration's data: keys as written, absent ones left out.

    Raises:
        GrammarError: With every complaint of the decoder.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        told = "could not parse config: yaml: line %d: %s" % (line, error.problem)
        raise GrammarError(told) from None
    except yaml.YAMLError as error:
        raise GrammarError("could not parse config: yaml: %s" % error) from None
    decoder = _Decoder(number)
    data = decoder.read(root, (_STRUCT, "configFile")) if root is not None else {}
    if decoder.errors:
        told = "could not parse config: yaml: unmarshal errors:\n  " + "\n  ".join(decoder.errors)
        raise GrammarError(told)
    return dict(data or {})


class _Decoder:
    def __init__(self, number: Number) -> None:
        self.errors: List[str] = []
        self._fields = {name: dict(fields) for name, fields in _FIELDS.items()}
        for since, name, fields in _LATER:
            if number >= since:
                self._fields[name].update(fields)

    def read(self, node: Any, kind: Any) -> Any:
        if isinstance(node, yaml.ScalarNode) and _tag(node) == "!!null":
            return None
        what = kind[0] if isinstance(kind, tuple) else kind
        if what == _STRUCT and isinstance(node, yaml.MappingNode):
            return self._struct(node, kind[1])
        if what == _MAP and isinstance(node, yaml.MappingNode):
            return self._map(node, kind[1])
        if what == _LIST and isinstance(node, yaml.SequenceNode):
            return [self.read(item, kind[1]) for item in node.value]
        if isinstance(node, yaml.ScalarNode) and not isinstance(kind, tuple):
            return self._scalar(node, kind)
        return self._refuse(node, kind)

    def _struct(self, node: Any, name: str) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        for key, value in node.value:
            field = str(key.value)
            kind = self._fields[name].get(field)
            if kind is None:
                self._tell(key, "field %s not found in type config.%s" % (field, name))
            elif field in found:
                self._tell(key, "field %s already set in type config.%s" % (field, name))
            else:
                found[field] = self.read(value, kind)
        return {key: value for key, value in found.items() if value is not None}

    def _map(self, node: Any, kind: Any) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        for key, value in node.value:
            if str(key.value) in found:
                self._tell(key, 'key "%s" already set in map' % key.value)
            found[str(key.value)] = self.read(value, kind) or ""
        return found

    def _scalar(self, node: Any, kind: str) -> Any:
        tag = _tag(node)
        if kind == "string":
            return str(node.value)
        if kind == "bool" and tag == "!!bool":
            return yaml.SafeLoader.bool_values[node.value.lower()]
        if kind in _RANGES and tag == "!!int":
            value = int(yaml.safe_load(node.value))
            low, high = _RANGES[kind]
            if low <= value <= high:
                return value
        return self._refuse(node, kind)

    def _refuse(self, node: Any, kind: Any) -> None:
        text = ""
        if isinstance(node, yaml.ScalarNode):
            value = str(node.value)
            text = " `%s`" % (value[:7] + "..." if len(value) > 10 else value)
        self._tell(node, "cannot unmarshal %s%s into %s" % (_tag(node), text, _go(kind)))

    def _tell(self, node: Any, text: str) -> None:
        self.errors.append("line %d: %s" % (node.start_mark.line + 1, text))


def _tag(node: Any) -> str:
    return str(node.tag).replace("tag:yaml.org,2002:", "!!")


def _go(kind: Any) -> str:
    """Name a kind as Go does."""
    if not isinstance(kind, tuple):
        return str(kind)
    what, inner = kind
    if what == _STRUCT:
        return "config." + str(inner)
    return ("[]" if what == _LIST else "map[string]") + _go(inner)
