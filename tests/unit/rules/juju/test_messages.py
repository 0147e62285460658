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
    (
        Juju.V3_6,
        "bundle: kubernetes\n"
        "applications: {a: {charm: x, devices: {gpu: 'nvidia.com/gpu,gpu=p100'}}}",
        'invalid device "gpu" in application "a": count must be greater than zero, got '
        '"nvidia.com/gpu"',
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x, devices: {tpu: 'google.com/tpu,2'}}}",
        'invalid device "tpu" in application "a": count must be greater than zero, got '
        '"google.com/tpu"',
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: x, storage: {pgdata: 'maas,10G,20G'}}}",
        'invalid storage "pgdata" in application "a": storage size is already set to 10240, new '
        "value 20480 not valid",
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x, storage: {d: '1,5M,2'}}}",
        'invalid storage "d" in application "a": storage instance count is already set to 1, new '
        "value 2 not valid",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, constraints: container=lxc}}",
        'invalid constraints "container=lxc" in application "a": bad "container" constraint: '
        'invalid container type "lxc"',
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x, num_units: 1, to: ['0']}}\n"
        "machines: {'0': {constraints: container=kvm}}",
        'invalid constraints "container=kvm" in machine "0": bad "container" constraint: invalid '
        'container type "kvm"',
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: x}}\nsaas: {store: {url: admin/lab}}",
        'invalid offer URL "admin/lab" for SAAS store',
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x}}\nsaas: {store: {url: 'controller:lab'}}",
        'invalid offer URL "controller:lab" for SAAS store',
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


@pytest.mark.parametrize(
    ("text", "releases"),
    [
        ("storage: {pgdata: 'maas,'}", list(Juju)),
        ("storage: {d: ',5G,,'}", list(Juju)),
        ("storage: {pgdata: 'maas,10G,20G'}", [Juju.V2_6, Juju.V2_9]),
        ("constraints: mem=4G root-disk-source=pool1", list(Juju)),
        ("constraints: container=kvm", [Juju.V2_6, Juju.V2_9, Juju.V3_6]),
        ("constraints: arch=armhf", [Juju.V2_6, Juju.V2_9]),
        ("base: debian@12", [Juju.V4_0]),
    ],
)
def test_value_is_accepted_by_the_releases_that_have_it(text: str, releases: list[Juju]) -> None:
    """The other releases refuse it."""
    bundle = f"applications: {{a: {{charm: x, {text}}}}}"
    accepted = [
        juju for juju in Juju if not juju_findings(parse_bundle(BundleSource(bundle), juju), juju)
    ]

    if "base" in text:
        accepted = [juju for juju in accepted if juju >= Juju.V3_6]  # older ones have no base
    assert accepted == releases
