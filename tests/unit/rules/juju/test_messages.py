"""Juju's rules, with Juju's own messages."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

ROWS = [
    (
        Juju.V2_6,
        "",
        "at least one application must be specified",
    ),
    (
        Juju.V2_9,
        "",
        "malformed bundle: bundle is empty not valid",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: 'ch:x'}}",
        'invalid charm URL in application "a": cannot parse URL "ch:x": schema "ch" not valid',
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: 'cs:x'}}",
        'invalid charm URL in application "a": cannot parse URL "cs:x": schema "cs" not valid',
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: 'http://x'}}",
        'invalid charm URL in application "a": cannot parse name and/or revision '
        'in URL "http://x": name "" not valid',
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: 'ch:x-9'}}",
        'cannot specify revision in "ch:x-9", please use revision',
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: x, revision: 3}}",
        'application "a" with a revision requires a channel for future upgrades, '
        "please use channel",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, num_units: -1}}",
        'negative number of units specified on application "a"',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, to: ['0']}}",
        'too many units specified in unit placement for application "a"',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, num_units: 1, to: [b/0]}}",
        'placement "b/0" refers to an application not defined in this bundle',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, num_units: 1, to: [Q]}}",
        'invalid placement syntax "Q"',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nmachines: {'0': {}}",
        'machine "0" is not referred to by a placement directive',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, constraints: foo=1}}",
        'invalid constraints "foo=1" in application "a": unknown constraint "foo"',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, constraints: mem=4X}}",
        'invalid constraints "mem=4X" in application "a": bad "mem" constraint: '
        "must be a non-negative float with optional M/G/T/P suffix",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nrelations: [[a]]",
        'relation ["a"] has 1 endpoint(s), not 2',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nrelations: [[a, 'b:c']]",
        'relation ["a" "b:c"] refers to application "b" not defined in this bundle',
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nrelations: [['a:x', 'a:y']]",
        'relation ["a:x" "a:y"] relates an application to itself',
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: x, base: foo}}",
        'application "a" declares an invalid base "foo"',
    ),
    (
        Juju.V2_9,
        "applications: {a: }",
        'base application "a" has no body',
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: x, offers: {o: {endpoints: [e]}}}}",
        "applications.a.offers can only appear in an overlay section (and 1 more errors)",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, scale: 1, num_units: 1}}",
        'invalid charm or bundle provided at "./bundle.yaml"',
    ),
]


@pytest.mark.parametrize(("juju", "text", "message"), ROWS)
def test_message_is_that_of_the_juju_release(juju: Juju, text: str, message: str) -> None:
    """To the letter."""
    findings = juju_findings(parse_bundle(BundleSource(text), juju), juju)

    assert message in [finding.message for finding in findings]


@pytest.mark.parametrize("juju", list(Juju))
def test_valid_bundle_has_no_findings(juju: Juju) -> None:
    """In any release."""
    text = "applications: {a: {charm: 'local:x', num_units: 1, to: ['0']}}\nmachines: {0: }"

    assert juju_findings(parse_bundle(BundleSource(text), juju), juju) == []
