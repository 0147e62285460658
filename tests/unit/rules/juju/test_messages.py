"""Juju's rules, with Juju's own messages."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.findings import Severity, path_text
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

ROWS = [
    (
        Juju.V2_6,
        "",
        "at least one application must be specified",
        "J013",
        "applications",
    ),
    (
        Juju.V2_9,
        "",
        "malformed bundle: bundle is empty not valid",
        "J001",
        "",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: 'ch:x'}}",
        'invalid charm URL in application "a": cannot parse URL "ch:x": schema "ch" not valid',
        "J032",
        "applications.a.charm",
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: 'cs:x'}}",
        'invalid charm URL in application "a": cannot parse URL "cs:x": schema "cs" not valid',
        "J032",
        "applications.a.charm",
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: 'http://x'}}",
        'invalid charm URL in application "a": cannot parse name and/or revision '
        'in URL "http://x": name "" not valid',
        "J032",
        "applications.a.charm",
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: 'ch:x-9'}}",
        'cannot specify revision in "ch:x-9", please use revision',
        "J034",
        "applications.a.charm",
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: x, revision: 3}}",
        'application "a" with a revision requires a channel for future upgrades, '
        "please use channel",
        "J034",
        "applications.a.revision",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, num_units: -1}}",
        'negative number of units specified on application "a"',
        "J040",
        "applications.a.num_units",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, to: [new]}}",
        'too many units specified in unit placement for application "a"',
        "J050",
        "applications.a.to",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, num_units: 1, to: [b/0]}}",
        'placement "b/0" refers to an application not defined in this bundle',
        "J052",
        "applications.a.to[0]",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, num_units: 1, to: [Q]}}",
        'invalid placement syntax "Q"',
        "J051",
        "applications.a.to[0]",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nmachines: {'0': {}}",
        'machine "0" is not referred to by a placement directive',
        "J021",
        "machines.0",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, constraints: foo=1}}",
        'invalid constraints "foo=1" in application "a": unknown constraint "foo"',
        "J022",
        "applications.a.constraints",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, constraints: mem=4X}}",
        'invalid constraints "mem=4X" in application "a": bad "mem" constraint: '
        "must be a non-negative float with optional M/G/T/P suffix",
        "J022",
        "applications.a.constraints",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nrelations: [[a]]",
        'relation ["a"] has 1 endpoint(s), not 2',
        "J060",
        "relations[0]",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nrelations: [[a, 'b:c']]",
        'relation ["a" "b:c"] refers to application "b" not defined in this bundle',
        "J062",
        "relations[0][1]",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x}}\nrelations: [['a:x', 'a:y']]",
        'relation ["a:x" "a:y"] relates an application to itself',
        "J063",
        "relations[0]",
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: x, base: foo}}",
        'application "a" declares an invalid base "foo"',
        "J012",
        "applications.a.base",
    ),
    (
        Juju.V2_9,
        "applications: {a: }",
        'base application "a" has no body',
        "J005",
        "applications.a",
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: x, offers: {o: {endpoints: [e]}}}}",
        "applications.a.offers can only appear in an overlay section (and 1 more errors)",
        "J004",
        "applications.a.offers",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, scale: 1, num_units: 1}}",
        'invalid charm or bundle provided at "./bundle.yaml"',
        "J002",
        "",
    ),
    (
        Juju.V3_6,
        "bundle: kubernetes\n"
        "applications: {a: {charm: x, devices: {gpu: 'nvidia.com/gpu,gpu=p100'}}}",
        'invalid device "gpu" in application "a": count must be greater than zero, got '
        '"nvidia.com/gpu"',
        "J037",
        "applications.a.devices.gpu",
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x, devices: {tpu: 'google.com/tpu,2'}}}",
        'invalid device "tpu" in application "a": count must be greater than zero, got '
        '"google.com/tpu"',
        "J037",
        "applications.a.devices.tpu",
    ),
    (
        Juju.V3_6,
        "applications: {a: {charm: x, storage: {pgdata: 'maas,10G,20G'}}}",
        'invalid storage "pgdata" in application "a": storage size is already set to 10240, new '
        "value 20480 not valid",
        "J036",
        "applications.a.storage.pgdata",
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x, storage: {d: '1,5M,2'}}}",
        'invalid storage "d" in application "a": storage instance count is already set to 1, new '
        "value 2 not valid",
        "J036",
        "applications.a.storage.d",
    ),
    (
        Juju.V2_6,
        "applications: {a: {charm: x, constraints: container=lxc}}",
        'invalid constraints "container=lxc" in application "a": bad "container" constraint: '
        'invalid container type "lxc"',
        "J022",
        "applications.a.constraints",
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x, num_units: 1, to: ['0']}}\n"
        "machines: {'0': {constraints: container=kvm}}",
        'invalid constraints "container=kvm" in machine "0": bad "container" constraint: invalid '
        'container type "kvm"',
        "J022",
        "machines.0.constraints",
    ),
    (
        Juju.V2_9,
        "applications: {a: {charm: x}}\nsaas: {store: {url: admin/lab}}",
        'invalid offer URL "admin/lab" for SAAS store',
        "J043",
        "saas.store.url",
    ),
    (
        Juju.V4_0,
        "applications: {a: {charm: x}}\nsaas: {store: {url: 'controller:lab'}}",
        'invalid offer URL "controller:lab" for SAAS store',
        "J043",
        "saas.store.url",
    ),
]


# What an administrator reads beside the message.
FIXES = {
    "J001": "write at least the key `applications` with one application",
    "J002": "Juju 2.6 hides the reason: cannot specify both scale and num_units for application"
    ' "a"',
    "J004": "move the key into an overlay: a second document, or a file for --overlay",
    "J005": "give the application a body with at least the key `charm`, or remove it",
    "J012": "write the base in the form ubuntu@22.04",
    "J013": "write `applications:` with at least one application",
    "J021": "place a unit on the machine with `to:`, or remove the machine",
    "J022": "correct the constraint; names are arch, cores, mem, root-disk, tags, zones or others",
    "J032": "write the charm as this Juju reads it: cs:~user/name-1 up to 2.9, a name from 2.9 on",
    "J034": "remove the revision from the URL and write `revision:` and `channel:`",
    "J036": "write storage as POOL,COUNT,SIZE, and its name in lower-case letters",
    "J037": "write a device as COUNT,TYPE, and its name in lower-case letters",
    "J040": "write `num_units` as zero or more",
    "J043": "write the offer's URL as CONTROLLER:USER/MODEL.OFFER",
    "J050": "increase `num_units`, or remove placements from `to:`",
    "J051": "write the placement as 0, lxd:0, new, APP, APP/0 or lxd:APP/0",
    "J052": "define the machine or unit that the placement names, or name another one",
    "J060": "write the relation with two ends: [app:endpoint, app:endpoint]",
    "J062": "define the application, or remove the relation",
    "J063": "relate two different applications",
}


@pytest.mark.parametrize(("juju", "text", "message", "rule", "path"), ROWS)
def test_message_is_that_of_the_juju_release(
    juju: Juju, text: str, message: str, rule: str, path: str
) -> None:
    """To the letter, with the key and a fix, and without a second finding."""
    findings = juju_findings(parse_bundle(BundleSource(text), juju), juju)

    assert [(finding.message, finding.id, path_text(finding.path)) for finding in findings] == [
        (message, rule, path)
    ]
    assert [(finding.fix, finding.source, finding.severity) for finding in findings] == [
        (FIXES[rule], "juju", Severity.ERROR)
    ]


def test_all_faults_of_a_placement_are_reported() -> None:
    """Juju lists both, in this order."""
    text = "applications: {a: {charm: x, to: ['0']}}"
    findings = juju_findings(parse_bundle(BundleSource(text), Juju.V2_6), Juju.V2_6)

    assert [(finding.id, path_text(finding.path), finding.message) for finding in findings] == [
        (
            "J050",
            "applications.a.to",
            'too many units specified in unit placement for application "a"',
        ),
        (
            "J052",
            "applications.a.to[0]",
            'placement "0" refers to a machine not defined in this bundle',
        ),
    ]


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
