"""The fields of a document that Juju does not read, in the words of go-yaml's strict decoder.

Sources: ``parseBundleParts`` and ``userFriendlyUnmarshalErrors`` of github.com/juju/charm v8 (2.9)
and v12 (3.6), which are the same in 4.0 as in 3.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import KeyPath
from ..juju import Juju
from ..visible_text import visible
from ..yaml_nodes import Node
from .decode import DecodeProblems
from .go_text import quote
from .schema import document_type

# The Go types of the mappings with fixed keys, by the keys that lead to them. A star stands for
# any name.
_TYPES: dict[tuple[str, ...], str] = {
    ("applications", "*"): "charm.ApplicationSpec",
    ("applications", "*", "exposed-endpoints", "*"): "charm.ExposedEndpointSpec",
    ("applications", "*", "offers", "*"): "charm.OfferSpec",
    ("machines", "*"): "charm.MachineSpec",
    ("saas", "*"): "charm.SaasSpec",
}
# From 3.6 on, Juju prints these words instead of the types.
_FRIENDLY = {
    "charm.ApplicationSpec": "applications",
    "charm.MachineSpec": "machines",
    "charm.SaasSpec": "saas",
}


def document_error(root: Node | None, index: int, juju: Juju) -> str:
    """Return Juju's words about the fields of a document that it does not read.

    Args:
        root: The root node of the document.
        index: The number of the document in its file.
        juju: The release.

    Returns:
        An empty text when Juju reads all fields.
    """
    if root is None:
        return ""
    problems = DecodeProblems()
    document_type(juju, strict=True).decode(root, (), problems)
    # The decoder works in the order of the lines.
    errors = sorted(_errors(problems, juju), key=lambda error: error[0])
    if not errors:
        return ""
    lines = "".join(f"\n  {visible(text)}" for _, text in errors)
    if juju < Juju.V3_6:
        return f"document {index}:{lines}"
    return f"unmarshal document {index}: yaml: unmarshal errors:{lines}"


def _errors(problems: DecodeProblems, juju: Juju) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each error."""
    for problem in problems.types:
        yield problem.line, problem.go_message
    for problem in problems.unknown_keys:
        yield problem.line, f"line {problem.line}: {_unknown_key(problem.path, juju)}"
    for problem in problems.duplicate_keys:
        yield problem.line, f"line {problem.line}: {_duplicate_key(problem.path, juju)}"


def _unknown_key(path: KeyPath, juju: Juju) -> str:
    key = path[len(path) - 1]
    if juju < Juju.V3_6:
        return f'unrecognized field "{key}"'
    go_type = _struct(path, juju)
    return f"field {key} not found in {_FRIENDLY.get(go_type, f'type {go_type}')}"


def _duplicate_key(path: KeyPath, juju: Juju) -> str:
    key, go_type = path[len(path) - 1], _struct(path, juju)
    if not go_type:
        return f"key {quote(str(key))} already set in map"
    shown = f"type {go_type}" if juju < Juju.V3_6 else _FRIENDLY.get(go_type, f"type {go_type}")
    return f"field {key} already set in {shown}"


def _struct(path: KeyPath, juju: Juju) -> str:
    """Return the Go type of the mapping that holds a key; empty for a mapping with any keys."""
    parents = [str(part) for part in path[:-1]]
    if not parents:
        return "charm.legacyBundleData" if juju < Juju.V3_6 else "charm.bundleData"
    if parents[0] == "services":
        parents[0] = "applications"
    shape = tuple("*" if index % 2 else part for index, part in enumerate(parents))
    return _TYPES.get(shape, "")
