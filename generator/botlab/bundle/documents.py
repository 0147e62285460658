"""Decode the documents of bundle files, and stop where a Juju release stops."""

from __future__ import annotations

import dataclasses
import os.path
from typing import NamedTuple

from ..findings import Finding, KeyPath, Location, Position
from ..go_yaml import DecodeError, is_early_null
from ..juju import Juju
from ..yaml_faults import YamlFault
from ..yaml_nodes import Composed, Node, compose_documents, path_to, position_of
from .decode import DecodeProblems
from .go_text import quote
from .limits import refuse_counts
from .merge import normalize_document
from .parse_findings import crash, key_findings, refusal, type_findings
from .schema import RawBundle, document_type


class BundleSource(NamedTuple):
    """The text of a bundle.

    Attributes:
        text: The YAML text.
        name: Its name in messages.
        directory: Where its relative paths start.
    """

    text: str
    name: str = "bundle.yaml"
    directory: str = ""


class DocumentReader:
    """A reader of documents, which collects findings.

    Attributes:
        juju: The Juju release.
        findings: The findings so far.
        is_refused: Whether Juju has stopped.
        roots: The file and the root node of each document that was read.
    """

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
        """Decode the documents of a bundle file that the Juju release reads."""
        return _FileReader(self, source, is_overlay=False).documents()

    def read_overlay(self, source: BundleSource) -> list[RawBundle]:
        """Decode the documents of an overlay file that the Juju release reads."""
        return _FileReader(self, source, is_overlay=True).documents()


class _FileReader:
    """The decoding of one file."""

    def __init__(self, reader: DocumentReader, source: BundleSource, *, is_overlay: bool) -> None:
        self._reader = reader
        self._juju = reader.juju
        self._source = source
        self._is_overlay = is_overlay

    def documents(self) -> list[RawBundle]:
        """Decode the documents before the first fault.

        Raises:
            BotlabError: When there are too many documents, or the text exceeds another limit.
        """
        composed = compose_documents(self._source.text, self._source.name)
        if self._juju < Juju.V2_9:
            _keep_first(composed)
        refuse_counts(self._source.name, documents=len(composed.roots))
        documents: list[RawBundle] = []
        for index, root in enumerate(composed.roots):
            documents.append(self._document(root, index))
            self._reader.roots.append((self._source.name, root))
            if self._reader.is_refused:
                return documents
        if composed.fault is not None:
            self._refuse_fault(composed.fault, len(composed.roots))
        return documents

    def _document(self, root: Node | None, index: int) -> RawBundle:
        empty = RawBundle(directory=self._source.directory)
        if root is None or self._is_crash(root, index):
            return empty
        problems = DecodeProblems()
        try:
            document = document_type(self._juju).decode(root, (), problems)
        except DecodeError as error:
            self._refuse_value(error, root, index)
            return empty
        findings = (*type_findings(problems.types), *key_findings(problems))
        self._add(*findings)
        if problems.types:
            if self._juju < Juju.V2_9:
                lines = "".join(f"\n  {problem.go_message}" for problem in problems.types)
                self._refuse(f"yaml: unmarshal errors:{lines}", index)
            # From 2.9 on, Juju silently uses an empty document instead.
            return empty
        document.directory = self._source.directory
        problem = normalize_document(document, self._juju)
        if problem:
            self._refuse(problem, index)
        return document

    def _is_crash(self, root: Node, index: int) -> bool:
        """Report a null document where Juju takes the first document without a check."""
        is_base = index == 0 and not self._is_overlay
        if not (is_base and is_early_null(root) and self._juju >= Juju.V2_9):
            return False
        self._add(crash((), "the first document is empty"))
        self._reader.is_refused = True
        return True

    def _add(self, *findings: Finding) -> None:
        name = self._source.name
        self._reader.findings += [dataclasses.replace(finding, file=name) for finding in findings]

    def _refuse_fault(self, fault: YamlFault, index: int) -> None:
        place = f"line {fault.line}, column {fault.column}: " if fault.line else ""
        fix = f"correct the YAML text: {place}{fault.reason}"
        self._refuse(fault.go_message, index, fix, Position(fault.line, fault.column))

    def _refuse_value(self, error: DecodeError, root: Node, index: int) -> None:
        if error.node is None:
            self._refuse(error.message, index)
        else:
            fix = "correct the value, or remove its tag"
            path = path_to(root, error.node) or ()
            self._refuse(error.message, index, fix, position_of(error.node), path)

    def _refuse(
        self,
        problem: str,
        index: int,
        fix: str = "",
        position: Position = Position(),  # noqa: B008 - immutable
        path: KeyPath = (),
    ) -> None:
        """Record that Juju cannot decode a document."""
        finding = refusal("J002", self._message(problem, index), path)
        if self._juju < Juju.V2_9 and not self._is_overlay:
            fix = f"Juju 2.6 hides the reason: {' '.join(problem.split())}"
        finding = dataclasses.replace(finding, fix=fix or finding.fix)
        self._reader.findings.append(finding.at(Location(self._source.name, position)))
        self._reader.is_refused = True

    def _message(self, problem: str, index: int) -> str:
        """Return the message of Juju's client (``LocalBundleDataSource``; 2.6: deploy.go)."""
        if self._juju >= Juju.V2_9:
            text = f"cannot unmarshal bundle contents: unmarshal document {index}: {problem}"
            return f"unable to process overlays: {text}" if self._is_overlay else text
        name = self._source.name
        if not self._is_overlay:
            path = name if name.startswith((".", "/")) else f"./{name}"
            return f"invalid charm or bundle provided at {quote(path)}"
        return (
            "unable to process overlays: unable to read bundle overlay file"
            f" {quote(absolute_path(self._source))}: cannot unmarshal bundle data: {problem}"
        )


def absolute_path(source: BundleSource) -> str:
    """Return the absolute path of a file as Go joins it."""
    return os.path.join(source.directory, os.path.basename(source.name))  # noqa: PTH118, PTH119


def _keep_first(composed: Composed) -> None:
    """Drop all documents but the first, and a fault behind it."""
    if composed.roots:
        del composed.roots[1:]
        composed.fault = None
