"""What Juju's client warns about before it deploys a bundle. Nothing here stops the deployment.

Sources: ``warnSeries`` (4.0) and ``deprecationWarningForSeries`` (3.6) of
cmd/juju/application/bundle, ``printDryRunUnmarshalErrors`` of cmd/juju/application/deployer, and
``userFriendlyUnmarshalErrors`` of github.com/juju/charm.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from ...bundle.go_text import quote
from ...bundle.model import Bundle
from ...bundle.parse import ParsedBundle
from ...bundle.schema import DESCRIPTIVE
from ...bundle.unread_fields import document_error
from ...findings import Finding, KeyPath, Severity
from ...juju import Juju
from ...visible_text import TextLines
from ...yaml_nodes import MappingNode, Node, ScalarNode
from .fixes import FIXES

IGNORED_SERIES = "J090"
# Juju prints this warning only in a dry run.
UNREAD_FIELDS = "J091"
DEPRECATED_SERIES = "J092"
_NOUNS = {"applications": "application", "machines": "machine"}
_DEPRECATION = (
    "series are being deprecated in favour of bases. For more information about the transition to"
    " bases see https://discourse.charmhub.io/t/transition-from-series-to-base-in-juju-4-0/14127"
)


def client_warnings(parsed: ParsedBundle, juju: Juju) -> list[Finding]:
    """Return the warnings of a release's client about a bundle, in the client's order."""
    if parsed.is_refused or juju < Juju.V2_9:
        return []
    warnings: list[Finding] = []
    if juju >= Juju.V4_0:
        warnings += _ignored_series(parsed)
    elif juju >= Juju.V3_6 and _has_series(parsed.bundle):
        warnings.append(_warning(DEPRECATED_SERIES, (), _DEPRECATION))
    return [*warnings, *_unread_fields(parsed, juju)]


def reported_warnings(warnings: Iterable[Finding]) -> list[Finding]:
    """Return the warnings that are also findings.

    A field that is not read has a finding with its line (BL001). A deprecated series still works.
    """
    return [warning for warning in warnings if warning.id == IGNORED_SERIES]


def _warning(rule_id: str, path: KeyPath, message: str) -> Finding:
    return Finding(rule_id, Severity.WARNING, "juju", path, message, FIXES[rule_id])


def _has_series(bundle: Bundle) -> bool:
    bodies = [*bundle.applications.values(), *bundle.machines.values()]
    return bool(bundle.series) or any(body is not None and body.series for body in bodies)


def _unread_fields(parsed: ParsedBundle, juju: Juju) -> Iterator[Finding]:
    """Yield a warning that names all fields that Juju does not read, in all documents."""
    if not _may_have_unread_fields(parsed, juju):
        return
    errors = [
        document_error(root, index, juju)
        for _, roots in _files(parsed)
        for index, root in enumerate(roots)
    ]
    lines = "".join(f"\n {error}\n" for error in errors if error)
    if lines:
        message = f"These fields{lines}will be ignored during deployment"
        yield _warning(UNREAD_FIELDS, (), TextLines(message.split("\n")))


def _may_have_unread_fields(parsed: ParsedBundle, juju: Juju) -> bool:
    """Return whether it is worth the time to decode the documents again."""
    if any(finding.id in ("BL001", "BL002", "BL005") for finding in parsed.findings):
        return True
    roots = [root for _, root in parsed.roots]
    if juju >= Juju.V4_0 and any(True for root in roots for _ in _series_keys(root)):
        return True
    return any(name in DESCRIPTIVE for root in roots for name, _ in _entries(root))


def _files(parsed: ParsedBundle) -> Iterator[tuple[str, list[Node | None]]]:
    """Yield the name of each file, and the root nodes of its documents."""
    for name, entries in itertools.groupby(parsed.roots, key=lambda entry: entry[0]):
        yield name, [root for _, root in entries]


def _ignored_series(parsed: ParsedBundle) -> Iterator[Finding]:
    """Yield a warning for each file with a series that has no base beside it."""
    for index, (_, roots) in enumerate(_files(parsed)):
        uses = [use for number, root in enumerate(roots) for use in _series_uses(root, number)]
        if uses:
            file = f"overlay index {index - 1}" if index else "the base bundle"
            start = f"unsupported key 'series' detected without a base in {file}. Ignoring:"
            message = TextLines((start, *(f"- {text}" for _, text in uses)))
            yield _warning(IGNORED_SERIES, uses[0][0], message)


def _series_uses(root: Node | None, number: int) -> Iterator[tuple[KeyPath, str]]:
    """Yield the path of each series without a base beside it, and Juju's words about it."""
    start = f"document {number}; bundle"
    for path, body in _series_keys(root):
        if len(path) == 1 and not _has_text(body, "default-base"):
            yield path, f"{start} contains top level series. Please use default-base"
        if len(path) > 1 and not _has_text(body, "base"):
            noun = _NOUNS[str(path[0])]
            text = f"{start} {noun} {quote(str(path[1]))} contains series. Please use base"
            yield path, text


def _series_keys(root: Node | None) -> Iterator[tuple[KeyPath, Node]]:
    """Yield the path of each series of a document, and the mapping that holds it."""
    if root is not None and _has_text(root, "series"):
        yield ("series",), root
    for section in _NOUNS:
        for name, body in _entries(_child(root, section)):
            if _has_text(body, "series"):
                yield (section, name, "series"), body


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MappingNode):
        for key, child in node.value:
            if isinstance(key, ScalarNode):
                yield str(key.value), child


def _child(node: Node | None, name: str) -> Node | None:
    return next((child for key, child in _entries(node) if key == name), None)


def _has_text(node: Node | None, name: str) -> bool:
    child = _child(node, name)
    return isinstance(child, ScalarNode) and child.value not in ("", "null", "~")
