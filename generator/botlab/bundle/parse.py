"""Read a bundle, and its overlays, as one Juju release reads them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..findings import Finding, KeyPath, Place, last_deepest
from ..juju import Juju
from ..yamlmarks import MappingNode, Node, ScalarNode, SequenceNode, compose, line
from .complaints import key_findings, refusal, type_findings
from .decode import Problems
from .includes import IncludeError, resolve
from .merge import apply_overlay, normalise, overlay_only
from .model import Bundle
from .schema import RawBundle, document_kind


@dataclass(frozen=True, slots=True)
class Source:
    """A bundle's text, its name for people, and the folder that its paths start from."""

    text: str
    name: str = "bundle.yaml"
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A bundle as read.

    Attributes:
        bundle: The bundle, overlays merged; empty where Juju reads nothing.
        findings: What was wrong already while reading.
        refused: Whether Juju stops at reading, so that its other rules never run.
        roots: The files' names and the documents' nodes, for lines.
    """

    bundle: Bundle
    findings: tuple[Finding, ...] = ()
    refused: bool = False
    roots: tuple[tuple[str, Node | None], ...] = field(default=(), repr=False)

    def place_of(self, path: KeyPath) -> Place:
        """Return file and line of the nearest part of a path that is written, in the last file."""
        return self.overlay_place(path) or last_deepest(
            (name, _deepest(root, path)) for name, root in self.roots
        )

    def overlay_place(self, path: KeyPath) -> Place | None:
        """Return where an overlay decides a path; None where none does."""
        for name, root in self.roots[:0:-1]:
            where = self._relation(root, path) if path[:1] == ("relations",) else None
            depth, row = where or _deepest(root, path)
            if row and depth == len(path):
                return name, row
        return None

    def _relation(self, root: Node | None, path: KeyPath) -> tuple[int, int] | None:
        """Find a relation of the bundle in a document, by its ends: overlays count from 0 anew."""
        index = path[1] if len(path) > 1 else None
        if not isinstance(index, int) or index >= len(self.bundle.relations):
            return None
        ends = self.bundle.relations[index]
        found = _child(root, "relations")
        nodes: list[Node] = found.value if isinstance(found, SequenceNode) else []
        rows = (line(node) for node in nodes if _texts(node) == ends)
        return len(path), next(rows, 0)


def _texts(node: Node) -> list[str]:
    items: list[Node] = node.value if isinstance(node, SequenceNode) else []
    return [str(item.value) for item in items]


def _deepest(root: Node | None, path: KeyPath) -> tuple[int, int]:
    where = root
    found = (0, 0)
    for depth, part in enumerate(path, 1):
        where = _child(where, part)
        if where is None:
            break
        found = (depth, line(where))
    return found


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        names = {str(part), "services"} if part == "applications" else {str(part)}
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value in names:
                return value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def parse_bundle(
    source: Source, juju: Juju, overlays: Sequence[Source] = (), *, includes: bool = True
) -> Parsed:
    """Read a bundle.

    Args:
        source: The bundle; from Juju 2.7 on, its further documents are overlays.
        juju: The release whose reading applies.
        overlays: What ``juju deploy --overlay`` names, in order.
        includes: Whether values that name a file take its content, as Juju's client does.

    Raises:
        BotlabError: When a text is no YAML at all.
    """
    reader = _Reader(juju)
    base = reader.read(source)
    later = [document for overlay in overlays for document in reader.read(overlay)]
    if reader.refusal is None and not base:
        # StreamBundleDataSource gives no part for an empty file; 2.6 reads an empty bundle.
        base = [RawBundle(folder=source.folder)]
        if juju >= Juju.V2_9:
            reader.refuse("malformed bundle: bundle is empty not valid", "J001")
    documents = [*base, *later]
    bundle = documents[0] if documents else RawBundle(folder=source.folder)
    if reader.refusal is None and juju >= Juju.V2_9:
        _refuse_base(reader, bundle)
    if reader.refusal is None:
        _merge(reader, bundle, documents, includes=includes)
    return Parsed(bundle, tuple(reader.findings), reader.refusal is not None, tuple(reader.roots))


def _merge(
    reader: _Reader, bundle: RawBundle, documents: Sequence[RawBundle], *, includes: bool
) -> None:
    """Lay the later documents over the first; each one's include paths start at its folder."""
    for index, document in enumerate(documents):
        problem = apply_overlay(bundle, document, reader.roots[index][1]) if index else ""
        if problem:
            return reader.refuse(problem, "J006")
        try:
            if includes:
                resolve(bundle, document.folder)
        except IncludeError as error:
            return reader.refuse(str(error), "J007", error.path)
    return None


def _refuse_base(reader: _Reader, bundle: RawBundle) -> None:
    fields = overlay_only(bundle)
    for path, text in fields:
        reader.refuse(f"{text} can only appear in an overlay section", "J004", path)
    if fields:
        return
    for name, application in bundle.applications.items():
        if application is None:
            path = ("applications", name)
            reader.refuse(f'base application "{name}" has no body', "J005", path)


class _Reader:
    """Reads documents and keeps what is wrong with them."""

    def __init__(self, juju: Juju) -> None:
        self.juju = juju
        self.findings: list[Finding] = []
        self.refusal: str | None = None
        self.roots: list[tuple[str, Node | None]] = []

    def refuse(self, message: str, rule: str, path: KeyPath = ()) -> None:
        """Note that Juju stops here, with its own words."""
        self.refusal = message
        self.findings.append(refusal(rule, message, path))

    def read(self, source: Source) -> list[RawBundle]:
        """Decode the documents of a text that this release looks at."""
        roots = compose(source.text, source.name)
        if self.juju < Juju.V2_9:
            roots = roots[:1]
        documents: list[RawBundle] = []
        for index, root in enumerate(roots):
            document = self._document(root, index, source)
            documents.append(document)
            self.roots.append((source.name, root))
        return documents

    def _document(self, root: Node | None, index: int, source: Source) -> RawBundle:
        problems = Problems()
        empty = RawBundle(folder=source.folder)
        if root is None:
            return empty
        document = document_kind(self.juju).read(root, (), problems)
        found = (*type_findings(problems.types), *key_findings(problems))
        self.findings += [dataclasses.replace(one, file=source.name) for one in found]
        if problems.types:
            if self.juju < Juju.V2_9:
                lines = "".join(f"\n  {problem.go}" for problem in problems.types)
                self._refuse_text(f"yaml: unmarshal errors:{lines}", index)
            # From 2.9 on the whole document is emptied without a word.
            return empty
        document.folder = source.folder
        problem = normalise(document)
        if problem:
            self._refuse_text(problem, index)
        return document

    def _refuse_text(self, problem: str, index: int) -> None:
        if self.juju < Juju.V2_9:
            self.refuse(f"cannot unmarshal bundle data: {problem}", "J002")
        else:
            where = f"unmarshal document {index}"
            text = f"cannot unmarshal bundle contents: {where}: {problem} not valid"
            self.refuse(text, "J002")
