"""Read a bundle and its overlays as a Juju release reads them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..findings import Finding, KeyPath, Location, deepest_location
from ..juju import Juju
from ..yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, compose, line_of
from .decode import DecodeProblems
from .includes import IncludeError, resolve_includes
from .merge import apply_overlay, normalize_document, overlay_only_fields
from .model import Bundle
from .parse_findings import key_findings, refusal, type_findings
from .schema import RawBundle, document_type


@dataclass(frozen=True, slots=True)
class BundleSource:
    """The text of a bundle.

    Attributes:
        text: The YAML text.
        name: Its name in messages.
        directory: Where its relative paths start.
    """

    text: str
    name: str = "bundle.yaml"
    directory: str = ""


@dataclass(frozen=True, slots=True)
class ParsedBundle:
    """A bundle as a Juju release reads it.

    Attributes:
        bundle: The bundle with its overlays merged; empty where Juju reads nothing.
        findings: The faults of the text.
        is_refused: Whether Juju stops while reading, so that its other rules never run.
        roots: The names of the files and the root nodes of the documents, to find lines in.
    """

    bundle: Bundle
    findings: tuple[Finding, ...] = ()
    is_refused: bool = False
    roots: tuple[tuple[str, Node | None], ...] = field(default=(), repr=False)

    def locate(self, path: KeyPath) -> Location:
        """Return the file and line of a path, in the last file that has most parts of it."""
        return self.locate_in_overlay(path) or deepest_location(
            (name, _deepest(root, path)) for name, root in self.roots
        )

    def locate_in_overlay(self, path: KeyPath) -> Location | None:
        """Return the file and line at which an overlay sets a path; None when none does."""
        for name, root in self.roots[:0:-1]:
            position = self._relation_position(root, path) if path[:1] == ("relations",) else None
            depth, line = position or _deepest(root, path)
            if line and depth == len(path):
                return name, line
        return None

    def _relation_position(self, root: Node | None, path: KeyPath) -> tuple[int, int] | None:
        """Find a relation in a document by its ends, since each overlay counts from 0."""
        index = path[1] if len(path) > 1 else None
        if not isinstance(index, int) or index >= len(self.bundle.relations):
            return None
        ends = self.bundle.relations[index]
        relations = _child(root, "relations")
        nodes: list[Node] = relations.value if isinstance(relations, SequenceNode) else []
        lines = (line_of(node) for node in nodes if _texts(node) == ends)
        return len(path), next(lines, 0)


def _texts(node: Node) -> list[str]:
    scalars: list[Node] = node.value if isinstance(node, SequenceNode) else []
    return [str(scalar.value) for scalar in scalars]


def _deepest(root: Node | None, path: KeyPath) -> tuple[int, int]:
    """Return how many parts of a path a document has, and the line of the last one of them."""
    node = root
    depth = line = 0
    for part in path:
        node = _child(node, part)
        if node is None:
            break
        depth, line = depth + 1, line_of(node)
    return depth, line


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        names = {str(part), "services"} if part == "applications" else {str(part)}
        for key, child in node.value:
            if isinstance(key, ScalarNode) and key.value in names:
                return child
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def parse_bundle(
    source: BundleSource,
    juju: Juju,
    overlays: Sequence[BundleSource] = (),
    *,
    includes: bool = True,
) -> ParsedBundle:
    """Read a bundle.

    Args:
        source: The bundle. From Juju 2.7 on, its second and later documents are overlays.
        juju: The Juju release.
        overlays: The files of ``juju deploy --overlay``, in order.
        includes: Whether include directives are replaced by the content of their files, as
            Juju's client does.

    Raises:
        BotlabError: When a text is not YAML.
    """
    reader = _Reader(juju)
    base = reader.read(source)
    later = [document for overlay in overlays for document in reader.read(overlay)]
    if not reader.is_refused and not base:
        # StreamBundleDataSource gives no part for an empty file; 2.6 reads an empty bundle.
        base = [RawBundle(directory=source.directory)]
        if juju >= Juju.V2_9:
            reader.refuse("malformed bundle: bundle is empty not valid", "J001")
    documents = [*base, *later]
    bundle = documents[0] if documents else RawBundle(directory=source.directory)
    if not reader.is_refused and juju >= Juju.V2_9:
        _check_base(reader, bundle)
    if not reader.is_refused:
        _merge(reader, bundle, documents, includes=includes)
    return ParsedBundle(bundle, tuple(reader.findings), reader.is_refused, tuple(reader.roots))


def _merge(
    reader: _Reader, bundle: RawBundle, documents: Sequence[RawBundle], *, includes: bool
) -> None:
    """Merge the overlays into the base. The include paths of each start at its own directory."""
    for index, document in enumerate(documents):
        problem = apply_overlay(bundle, document, reader.roots[index][1]) if index else ""
        if problem:
            return reader.refuse(problem, "J006")
        try:
            if includes:
                resolve_includes(bundle, document.directory)
        except IncludeError as error:
            return reader.refuse(str(error), "J007", error.path)
    return None


def _check_base(reader: _Reader, bundle: RawBundle) -> None:
    """Refuse a base with fields of overlays, or with applications that have no body."""
    fields = overlay_only_fields(bundle)
    for path, name in fields:
        reader.refuse(f"{name} can only appear in an overlay section", "J004", path)
    if fields:
        return
    for name, application in bundle.applications.items():
        if application is None:
            path = ("applications", name)
            reader.refuse(f'base application "{name}" has no body', "J005", path)


class _Reader:
    """A reader of documents, which collects findings."""

    def __init__(self, juju: Juju) -> None:
        self.juju = juju
        self.findings: list[Finding] = []
        self.is_refused = False
        self.roots: list[tuple[str, Node | None]] = []

    def refuse(self, message: str, rule: str, path: KeyPath = ()) -> None:
        """Record that Juju stops with a message of its own."""
        self.is_refused = True
        self.findings.append(refusal(rule, message, path))

    def read(self, source: BundleSource) -> list[RawBundle]:
        """Decode the documents of a text that the Juju release reads."""
        roots = compose(source.text, source.name)
        if self.juju < Juju.V2_9:
            roots = roots[:1]
        documents: list[RawBundle] = []
        for index, root in enumerate(roots):
            documents.append(self._document(root, index, source))
            self.roots.append((source.name, root))
        return documents

    def _document(self, root: Node | None, index: int, source: BundleSource) -> RawBundle:
        problems = DecodeProblems()
        empty = RawBundle(directory=source.directory)
        if root is None:
            return empty
        document = document_type(self.juju).decode(root, (), problems)
        findings = (*type_findings(problems.types), *key_findings(problems))
        self.findings += [dataclasses.replace(finding, file=source.name) for finding in findings]
        if problems.types:
            if self.juju < Juju.V2_9:
                lines = "".join(f"\n  {problem.go_message}" for problem in problems.types)
                self._refuse_document(f"yaml: unmarshal errors:{lines}", index)
            # From 2.9 on, Juju silently uses an empty document instead.
            return empty
        document.directory = source.directory
        problem = normalize_document(document)
        if problem:
            self._refuse_document(problem, index)
        return document

    def _refuse_document(self, problem: str, index: int) -> None:
        if self.juju < Juju.V2_9:
            self.refuse(f"cannot unmarshal bundle data: {problem}", "J002")
        else:
            context = f"unmarshal document {index}"
            text = f"cannot unmarshal bundle contents: {context}: {problem} not valid"
            self.refuse(text, "J002")
