"""Refusals of exposed endpoints that a charm does not have."""

from __future__ import annotations

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.refusals import charm, messages, refusals

CHARM = charm("{name: a, provides: {web: {interface: http}}, extra-bindings: {wan: }}")
BUNDLE = """
applications: {a: {charm: a, num_units: 1}}
---
applications: {a: {exposed-endpoints: {%s: {expose-to-cidrs: [10.0.0.0/8]}}}}
"""


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6])
def test_unknown_endpoint_cannot_be_exposed(juju: Juju) -> None:
    """An extra binding can."""
    (finding,) = refusals(BUNDLE % "typo", juju, {"a": CHARM})

    assert finding.message == 'cannot expose application a: endpoint "typo" not found'
    assert path_text(finding.path) == "applications.a.exposed-endpoints.typo"
    assert finding.when == "deploy"
    assert refusals(BUNDLE % "wan", juju, {"a": CHARM}) == []


def test_juju_4_exposes_endpoints_only_and_names_all_of_them() -> None:
    """Its message does not say which one is unknown."""
    findings = refusals(BUNDLE % "wan", Juju.V4_0, {"a": CHARM})

    assert messages(findings) == [
        "cannot expose application a: one or more of the provided endpoints [wan] do not exist"
    ]
    assert refusals(BUNDLE % "web", Juju.V4_0, {"a": CHARM}) == []


@pytest.mark.parametrize("juju", list(Juju))
def test_exposing_all_endpoints_or_those_of_an_unknown_charm_is_not_judged(juju: Juju) -> None:
    """An empty name means all endpoints."""
    assert refusals(BUNDLE % "''", juju, {"a": CHARM}) == []
    assert refusals(BUNDLE % "typo", juju) == []
