"""Read a bundle and its overlays as a Juju release reads them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ..findings import Finding, KeyPath, Location, Position, deepest_location
from ..juju import Juju
from ..yaml_nodes import MappingNode, Node, SequenceNode, first_entries, line_of, position_of
from .documents import BundleSource, DocumentReader, absolute_path
from .go_text import quote
from .includes import (
    Include,
    IncludeError,
    IncludeReader,
    Includes,
    resolve_includes,
    resolve_includes_2_6,
)
from .limits import refuse_large_bundle
from .merge import apply_overlay, overlay_only_fields
from .merge_2_6 import apply_overlay_2_6
from .model import Bundle, Offer
from .parse_findings import crash
from .schema import RawBundle

__all__ = ["BundleSource", "ParsedBundle", "parse_bundle"]


@dataclass(frozen=True, slots=True)
class ParsedBundle:
    """A bundle as a Juju release reads it.

    Attributes:
        bundle: The bundle with its overlays merged; empty where Juju reads nothing.
        findings: The faults of the text.
        is_refused: Whether Juju stops while reading, so that its other rules never run.
        roots: The names of the files and the root nodes of the documents, to find lines in.
        base: The base before overlays, if the Juju release verifies it alone.
        includes: The files that values were read from, by the key paths of the values. A later
            overlay may have replaced such a value.
    """

    bundle: Bundle
    findings: tuple[Finding, ...] = ()
    is_refused: bool = False
    roots: tuple[tuple[str, Node | None], ...] = field(default=(), repr=False)
    base: Bundle | None = field(default=None, repr=False)
    includes: Includes = field(default_factory=dict[KeyPath, list[Include]], repr=False)

    def locate(self, path: KeyPath) -> Location:
        """Return the file and line of a path, in the last file that has most parts of it."""
        return self.locate_in_overlay(path) or deepest_location(
            (name, self._position(root, path)) for name, root in self.roots
        )

    def locate_in_overlay(self, path: KeyPath) -> Location | None:
        """Return the file and line at which an overlay sets a path; None when none does."""
        for name, root in self.roots[:0:-1]:
            depth, position = self._position(root, path)
            if position.line and depth == len(path):
                return Location(name, position)
        return None

    def _position(self, root: Node | None, path: KeyPath) -> tuple[int, Position]:
        """Return how many parts of a path a document has, and where the last one of them is.

        A relation is found by its ends, since each overlay counts its relations from 0.
        """
        index = path[1] if path[:1] == ("relations",) and len(path) > 1 else None
        if not isinstance(index, int) or index >= len(self.bundle.relations):
            return _deepest(root, path)
        relations = _child(root, "relations")
        if not isinstance(relations, SequenceNode):
            return 0, Position()
        ends = tuple(self.bundle.relations[index])
        same = _child(relations, index)
        if same is not None and _relation_ends(same) == ends:
            return len(path), position_of(same)
        position = _relation_positions(relations).get(ends)
        return (1, position_of(relations)) if position is None else (len(path), position)


@functools.lru_cache(maxsize=32)
def _relation_positions(relations: SequenceNode) -> Mapping[tuple[str, ...], Position]:
    """Return the position of the first relation between some ends, by the ends.

    As the index of mappings, it is kept for the search for the lines of many findings.
    """
    positions: dict[tuple[str, ...], Position] = {}
    for node in relations.value:
        positions.setdefault(_relation_ends(node), position_of(node))
    return positions


def _relation_ends(node: Node) -> tuple[str, ...]:
    ends: list[Node] = node.value if isinstance(node, SequenceNode) else []
    return tuple(str(end.value) for end in ends)


def _deepest(root: Node | None, path: KeyPath) -> tuple[int, Position]:
    """Return how many parts of a path a document has, and where the last one of them is."""
    node = root
    depth, position = 0, Position()
    for part in path:
        node = _child(node, part)
        if node is None:
            break
        depth, position = depth + 1, position_of(node)
    return depth, position


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        names = ("applications", "services") if part == "applications" else (str(part),)
        entries = [first_entries(node)[name] for name in names if name in first_entries(node)]
        return min(entries, key=lambda entry: line_of(entry[0]))[1] if entries else None
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
        BotlabError: When a text or the bundle exceeds a limit, or an anchor contains itself.
    """
    reader = DocumentReader(juju)
    documents = reader.read(source)
    if not documents and juju < Juju.V2_9 and not reader.is_refused:
        documents.append(RawBundle(directory=source.directory))
        reader.roots.append((source.name, None))
    base = _base_alone(reader, documents, is_changed=bool(overlays) or len(documents) > 1)
    for overlay in overlays:
        if not reader.is_refused:
            documents += reader.read_overlay(overlay)
    bundle = documents[0] if documents else RawBundle(directory=source.directory)
    if not reader.is_refused and not documents and juju >= Juju.V2_9:
        reader.refuse("malformed bundle: bundle is empty not valid", "J001")
    if not reader.is_refused and juju >= Juju.V2_9:
        _check_base(reader, bundle)
    included: Includes = {}
    if not reader.is_refused and juju >= Juju.V2_9:
        included = _merge(reader, bundle, documents, includes=includes)
    elif not reader.is_refused:
        included = _merge_2_6(reader, bundle, documents, overlays, includes=includes)
    refuse_large_bundle(bundle, source.name)
    _check_crashes(reader, bundle)
    roots = tuple(reader.roots)
    return ParsedBundle(bundle, tuple(reader.findings), reader.is_refused, roots, base, included)


def _base_alone(
    reader: DocumentReader, documents: Sequence[RawBundle], *, is_changed: bool
) -> Bundle | None:
    """Return the base, which Juju 3.1 and later verify before they read overlays.

    Args:
        reader: The reader of the documents.
        documents: The documents of the bundle's file.
        is_changed: Whether overlays change the base later, so that a copy is needed.
    """
    if reader.juju < Juju.V3_6 or reader.is_refused or not documents:
        return None
    _check_null_bodies(reader, documents[0])
    return copy.deepcopy(documents[0]) if is_changed else documents[0]


def _merge(
    reader: DocumentReader, bundle: RawBundle, documents: Sequence[RawBundle], *, includes: bool
) -> Includes:
    """Merge the overlays into the base. The include paths of each start at its own directory."""
    included: dict[KeyPath, list[Include]] = {}
    for index, document in enumerate(documents):
        root = reader.roots[index][1]
        problem = apply_overlay(bundle, document, root, reader.juju) if index else ""
        if problem:
            reader.refuse(problem, "J006")
            break
        try:
            if includes:
                resolve_includes(bundle, document.directory, included)
        except IncludeError as error:
            reader.refuse(str(error), "J007", error.path)
            break
    return included


def _merge_2_6(
    reader: DocumentReader,
    bundle: RawBundle,
    documents: Sequence[RawBundle],
    overlays: Sequence[BundleSource],
    *,
    includes: bool,
) -> Includes:
    """Merge overlay files, one document each, and then read the files that the bundle includes."""
    files = IncludeReader()
    for index, document in enumerate(documents[1:]):
        root = reader.roots[index + 1][1]
        path = absolute_path(overlays[index])
        problem = apply_overlay_2_6(bundle, document, root, path, files)
        if problem:
            reader.refuse(f"unable to process overlays: {problem}", "J006")
            return files.files
    try:
        if includes:
            resolve_includes_2_6(bundle, bundle.directory, files)
    except IncludeError as error:
        reader.refuse(str(error), "J007", error.path)
    return files.files


def _check_base(reader: DocumentReader, bundle: RawBundle) -> None:
    """Refuse a base with fields of overlays, or with applications that have no body."""
    fields = overlay_only_fields(bundle, reader.roots[0][1]) if reader.roots else []
    if fields:
        name = ".".join(str(part) for part in fields[0])
        others = f" (and {len(fields) - 1} more errors)" if len(fields) > 1 else ""
        message = f"{name} can only appear in an overlay section{others}"
        return reader.refuse(message, "J004", fields[0])
    for name, application in bundle.applications.items():
        if application is None:
            path = ("applications", name)
            return reader.refuse(f"base application {quote(name)} has no body", "J005", path)
    return None


def _check_crashes(reader: DocumentReader, bundle: RawBundle) -> None:
    """Report null entries of the merged bundle that make Juju's client crash."""
    for name, saas in bundle.raw_saas.items():
        if saas is None and not reader.is_refused:
            # The planner crashes, after the bundle was verified.
            reader.findings.append(crash(("saas", name), "the entry has no body with `url`"))
    _check_null_bodies(reader, bundle)


def _check_null_bodies(reader: DocumentReader, bundle: RawBundle) -> None:
    for path in _null_bodies(reader.juju, bundle):
        if not reader.is_refused:
            reader.findings.append(crash(path, "the entry has no body"))
            reader.is_refused = True


def _null_bodies(juju: Juju, bundle: RawBundle) -> Iterator[KeyPath]:
    """Yield the entries at which Juju crashes before it reports anything."""
    for name, application in bundle.applications.items():
        if application is None:
            if juju < Juju.V2_9:
                yield ("applications", name)
            continue
        for offer, body in application.offers.items():
            if cast("Offer | None", body) is None:
                yield ("applications", name, "offers", offer)
