"""botlab and Juju's own packages agree about generated bundles and about the examples.

For 2.9, rules and change lists are compared; for 3.6, the rules of its charm library.
"""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab import plan
from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.rules.juju import juju_findings
from helpers.bundle_corpus import broken_documents, bundle_text, documents
from helpers.juju_oracle import Oracle, UnavailableError

ROOT = Path(__file__).resolve().parents[2]
IS_LONG = bool(os.environ.get("BOTLAB_LONG"))
BATCHES = settings(
    max_examples=200 if IS_LONG else 12,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def juju29() -> Oracle:
    """Build the oracle of Juju 2.9, or skip with the reason."""
    return build_oracle("juju29")


@pytest.fixture(scope="session")
def juju36() -> Oracle:
    """Build the oracle of Juju 3.6's charm library, or skip with the reason."""
    return build_oracle("juju36")


def build_oracle(name: str) -> Oracle:
    """Build an oracle, or skip the test with the reason."""
    try:
        return Oracle(name)
    except UnavailableError as reason:
        pytest.skip(f"needs Juju's own Go packages: {reason}")


def botlab_judgement(bundle: str, directory: str) -> dict[str, Any]:
    """Return botlab's messages and changes for a bundle."""
    parsed = parse_bundle(BundleSource(bundle, directory=directory), Juju.V2_9)
    messages = [finding.message for finding in juju_findings(parsed, Juju.V2_9)]
    if messages:
        return {"messages": sorted(messages), "changes": []}
    try:
        changes = plan.as_json(plan.changes(parsed.bundle, Juju.V2_9))["changes"]
    except plan.PlanError as error:
        return {"messages": [str(error)], "changes": []}
    return {"messages": [], "changes": changes}


def juju_judgement(judgement: dict[str, Any]) -> dict[str, Any]:
    """Return the oracle's judgement in the same form."""
    errors = [judgement["parse_error"], judgement["changes_error"], *(judgement["errors"] or ())]
    messages = sorted(message for message in errors if message)
    return {"messages": messages, "changes": judgement["changes"] or []}


READING_MESSAGES = ("cannot unmarshal bundle contents", "processing option")


def possible_refusals(bundle: str, juju: Juju) -> list[list[str]]:
    """Return botlab's refusals of a bundle with each of its applications first.

    Go names the application that its map happens to give first.
    """
    document = yaml.safe_load(bundle)
    applications = document.get("applications") or {}
    reordered = [
        {**document, "applications": {name: applications[name], **applications}}
        for name in applications
    ]
    texts = [bundle_text(document) for document in reordered]
    parsed = [parse_bundle(BundleSource(text, directory="/nowhere"), juju) for text in texts]
    return [[f.message for f in bundle.findings if f.source == "juju"] for bundle in parsed]


def are_equal(
    botlab_messages: list[str], juju_messages: list[str], bundle: str, juju: Juju
) -> bool:
    """Return whether the messages are equal, whichever application Go reads first."""
    if botlab_messages == juju_messages:
        return True
    is_refused = bool(juju_messages) and juju_messages[0].startswith(READING_MESSAGES)
    return is_refused and juju_messages in possible_refusals(bundle, juju)


def check_agreement(oracle: Oracle, bundles: list[str], directory: str = "/nowhere") -> None:
    """Compare the judgements of botlab and of Juju 2.9 about some bundles."""
    judgements = oracle.judge([{"bundle": bundle, "folder": directory} for bundle in bundles])
    for bundle, judgement in zip(bundles, judgements, strict=True):
        juju, botlab = juju_judgement(judgement), botlab_judgement(bundle, directory)
        messages = (botlab["messages"], juju["messages"])
        assert are_equal(*messages, bundle, Juju.V2_9), (*messages, bundle)
        assert botlab["changes"] == juju["changes"], bundle


@BATCHES
@given(st.lists(documents(), min_size=25, max_size=25))
def test_valid_bundles_have_the_plan_of_juju(juju29: Oracle, drawn: list[dict[str, Any]]) -> None:
    """Messages are equal as sets, and changes in order and content."""
    check_agreement(juju29, [bundle_text(document) for document in drawn])


@BATCHES
@given(st.lists(broken_documents(), min_size=25, max_size=25))
def test_invalid_bundles_have_the_messages_of_juju(
    juju29: Oracle, drawn: list[dict[str, Any]]
) -> None:
    """Each fault has Juju's message, and there are no other messages."""
    check_agreement(juju29, [bundle_text(document) for document in drawn])


# Juju's client, not its charm library, checks constraints, storage and devices.
CLIENT_RULES = re.compile(r"invalid (constraints|storage|device) \"")


@BATCHES
@given(st.lists(broken_documents(), min_size=25, max_size=25))
def test_invalid_bundles_have_the_messages_of_the_charm_library_of_juju_3_6(
    juju36: Oracle, drawn: list[dict[str, Any]]
) -> None:
    """Messages are equal as sets."""
    bundles = [bundle_text(document) for document in drawn]
    judgements = juju36.judge([{"bundle": bundle, "folder": "/nowhere"} for bundle in bundles])
    for bundle, judgement in zip(bundles, judgements, strict=True):
        parsed = parse_bundle(BundleSource(bundle, directory="/nowhere"), Juju.V3_6)
        messages = [finding.message for finding in juju_findings(parsed, Juju.V3_6)]
        botlab = sorted(message for message in messages if not CLIENT_RULES.match(message))
        errors = [judgement["parse_error"], *(judgement["errors"] or ())]
        juju = sorted(message for message in errors if message)
        assert are_equal(botlab, juju, bundle, Juju.V3_6), (botlab, juju, bundle)


# 2.9 reads no bases, so the bundles for later releases are not compared.
BUNDLES = [
    path
    for path in sorted(ROOT.glob("examples/*/bundle.yaml"))
    if "default-base" not in path.read_text(encoding="utf-8")
]


def write_local_charms(bundle: str, directory: Path) -> None:
    """Write a minimal archive for each local charm of a bundle."""
    for application in yaml.safe_load(bundle)["applications"].values():
        if application["charm"].startswith("."):
            charm = directory / application["charm"]
            charm.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(charm, "w") as archive:
                archive.writestr("metadata.yaml", "{name: a, summary: b, description: c}")
                archive.writestr("config.yaml", "options: {}")


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.parent.name)
def test_examples_have_the_plan_of_juju(juju29: Oracle, path: Path, tmp_path: Path) -> None:
    """The local charms of the examples exist in this test."""
    bundle = path.read_text(encoding="utf-8")
    write_local_charms(bundle, tmp_path)

    judgement = botlab_judgement(bundle, str(tmp_path))
    assert judgement["messages"] or judgement["changes"]
    check_agreement(juju29, [bundle], str(tmp_path))
