"""botlab and Juju's own packages say the same of generated bundles and of the examples.

2.9 is compared whole (rules and change lists), 3.6 by its charm library's rules.
"""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from conformance_corpus import broken_documents, documents, text
from conformance_oracle import Oracle, UnavailableError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab import plan
from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

ROOT = Path(__file__).resolve().parents[2]
LONG = bool(os.environ.get("BOTLAB_LONG"))
BATCHES = settings(
    max_examples=200 if LONG else 12,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """Build the oracle, or skip with the reason."""
    try:
        return Oracle("juju29")
    except UnavailableError as reason:
        pytest.skip(f"needs Juju's own Go packages: {reason}")


def ours(bundle: str, folder: str) -> dict[str, Any]:
    """Judge as the oracle does."""
    parsed = parse_bundle(BundleSource(bundle, directory=folder), Juju.V2_9)
    messages = [finding.message for finding in juju_findings(parsed, Juju.V2_9)]
    if messages:
        return {"messages": sorted(messages), "changes": []}
    try:
        changes = plan.as_json(plan.changes(parsed.bundle, Juju.V2_9))["changes"]
    except plan.PlanError as error:
        return {"messages": [str(error)], "changes": []}
    return {"messages": [], "changes": changes}


READING = ("cannot unmarshal bundle contents", "processing option")


def refusals(bundle: str, juju: Juju) -> list[list[str]]:
    """List how reading may be refused: Go names whichever application its map gives first."""
    document = yaml.safe_load(bundle)
    names = list(document.get("applications") or {})
    rotated = [{**document, "applications": _first(name, document)} for name in names]
    found = [parse_bundle(BundleSource(text(d), directory="/nowhere"), juju) for d in rotated]
    return [[f.message for f in parsed.findings if f.source == "juju"] for parsed in found]


def _first(name: str, document: dict[str, Any]) -> dict[str, Any]:
    return {name: document["applications"][name], **document["applications"]}


def agree(found: list[str], wanted: list[str], bundle: str, juju: Juju) -> bool:
    """Tell whether the messages are the same, whichever application Go came to first."""
    if found == wanted:
        return True
    refused = bool(wanted) and wanted[0].startswith(READING)
    return refused and wanted in refusals(bundle, juju)


def theirs(judgement: dict[str, Any]) -> dict[str, Any]:
    """Put a judgement of the oracle in the same form."""
    said = [judgement["parse_error"], judgement["changes_error"], *(judgement["errors"] or ())]
    messages = sorted(message for message in said if message)
    return {"messages": messages, "changes": judgement["changes"] or []}


def check(oracle: Oracle, bundles: list[str], folder: str = "/nowhere") -> None:
    """Compare both on each bundle."""
    judged = oracle.judge([{"bundle": bundle, "folder": folder} for bundle in bundles])
    for bundle, judgement in zip(bundles, judged, strict=True):
        wanted, found = theirs(judgement), ours(bundle, folder)
        alike = agree(found["messages"], wanted["messages"], bundle, Juju.V2_9)
        assert alike, (found["messages"], wanted["messages"], bundle)
        assert found["changes"] == wanted["changes"], bundle


@BATCHES
@given(st.lists(documents(), min_size=25, max_size=25))
def test_sound_bundles_plan_alike(oracle: Oracle, drawn: list[dict[str, Any]]) -> None:
    """Messages are equal as sets, change lists in order and content."""
    check(oracle, [text(document) for document in drawn])


@BATCHES
@given(st.lists(broken_documents(), min_size=25, max_size=25))
def test_broken_bundles_fail_alike(oracle: Oracle, drawn: list[dict[str, Any]]) -> None:
    """Each fault gets Juju's own words, and no other."""
    check(oracle, [text(document) for document in drawn])


# What Juju's client, not its charm library, judges: constraints, storage and devices.
CLIENT_RULES = re.compile(r"invalid (constraints|storage|device) \"")


@pytest.fixture(scope="session")
def library() -> Oracle:
    """Build the oracle on Juju 3.6's charm library, or skip with the reason."""
    try:
        return Oracle("juju36")
    except UnavailableError as reason:
        pytest.skip(f"needs Juju's own Go packages: {reason}")


@BATCHES
@given(st.lists(broken_documents(), min_size=25, max_size=25))
def test_broken_bundles_fail_alike_on_3_6(library: Oracle, drawn: list[dict[str, Any]]) -> None:
    """The rules of 3.6's library, message for message."""
    bundles = [text(document) for document in drawn]
    judged = library.judge([{"bundle": bundle, "folder": "/nowhere"} for bundle in bundles])
    for bundle, judgement in zip(bundles, judged, strict=True):
        parsed = parse_bundle(BundleSource(bundle, directory="/nowhere"), Juju.V3_6)
        found = [finding.message for finding in juju_findings(parsed, Juju.V3_6)]
        found = sorted(message for message in found if not CLIENT_RULES.match(message))
        wanted = [judgement["parse_error"], *(judgement["errors"] or ())]
        said = sorted(message for message in wanted if message)
        assert agree(found, said, bundle, Juju.V3_6), (found, said, bundle)


# 2.9 reads no bases, so bundles for later Jujus are no example for it.
BUNDLES = [
    path
    for path in sorted(ROOT.glob("examples/*/bundle.yaml"))
    if "default-base" not in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.parent.name)
def test_examples_plan_alike(oracle: Oracle, path: Path, tmp_path: Path) -> None:
    """The examples' bundles plan as Juju 2.9 plans them, their local charms being there."""
    bundle = path.read_text(encoding="utf-8")
    for application in yaml.safe_load(bundle)["applications"].values():
        if application["charm"].startswith("."):
            charm = tmp_path / application["charm"]
            charm.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(charm, "w") as archive:
                archive.writestr("metadata.yaml", "{name: a, summary: b, description: c}")
                archive.writestr("config.yaml", "options: {}")

    judged = ours(bundle, str(tmp_path))
    assert judged["messages"] or judged["changes"]
    check(oracle, [bundle], str(tmp_path))
