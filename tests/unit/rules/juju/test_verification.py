"""What Juju's client verifies: the base alone, and then the bundle with its overlays."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

MODERN = (Juju.V3_6, Juju.V4_0)
SOUND = "applications: {a: {charm: x, channel: stable, revision: 2, base: ubuntu@22.04}}\n"


def messages(text: str, juju: Juju) -> list[str]:
    """Return the messages of a Juju release about a bundle."""
    parsed = parse_bundle(BundleSource(text), juju)
    return [finding.message for finding in juju_findings(parsed, juju)]


@pytest.mark.parametrize("juju", MODERN)
def test_base_is_verified_before_overlays_from_3_1_on(juju: Juju) -> None:
    """What an overlay adds does not exist yet, and Juju stops there."""
    relation = f'{SOUND}relations: [["a:x", "b:x"]]\n---\napplications: {{b: {{charm: x}}}}\n'
    message = 'relation ["a:x" "b:x"] refers to application "b" not defined in this bundle'
    placement = "applications: {a: {charm: x, num_units: 1, to: ['0']}}\n---\nmachines: {'0': }\n"
    machine = 'placement "0" refers to a machine not defined in this bundle'

    assert messages(relation, juju) == [message]
    assert messages(placement, juju) == [machine]
    assert messages(relation, Juju.V2_9) == messages(placement, Juju.V2_9) == []


@pytest.mark.parametrize("juju", MODERN)
def test_overlay_is_verified_with_the_base_where_the_base_is_sound(juju: Juju) -> None:
    """Both faults would be reported one after the other."""
    text = f"{SOUND}---\napplications: {{b: {{charm: x, num_units: -1}}}}\n"

    assert messages(text, juju) == ['negative number of units specified on application "b"']


@pytest.mark.parametrize("juju", MODERN)
def test_fault_of_a_base_comes_before_what_an_overlay_may_only_have(juju: Juju) -> None:
    """And before an application without a body, which has other words there."""
    text = "applications: {a: {charm: x, num_units: -1, offers: {o: {}}}, b: }"

    assert messages(text, juju) == [
        'negative number of units specified on application "a"',
        'bundle application for key "b" is undefined',
    ]
    assert messages("applications: {a: {charm: x}, b: }", Juju.V2_9) == [
        'base application "b" has no body'
    ]


@pytest.mark.parametrize("juju", MODERN)
def test_image_is_refused_in_a_base_and_accepted_in_an_overlay(juju: Juju) -> None:
    """For an application and for a machine."""
    base = "default-base: ubuntu@22.04\napplications: {a: {charm: x, num_units: 1, to: ['0']%s}}\n"
    refusal = "'image-id' constraint in a base bundle not supported"
    application = base % ", constraints: image-id=i"
    machine = base % "" + "machines: {'0': {constraints: image-id=i}}\n"
    plain = base % "" + "machines: {'0': }\n"
    overlay = "---\napplications: {a: {constraints: image-id=i}}\n"

    assert messages(f"{application}machines: {{'0': }}", juju) == [
        f'invalid constraints "image-id=i" in application "a": {refusal}'
    ]
    assert messages(machine, juju) == [
        f'invalid constraints "image-id=i" in machine "0": {refusal}'
    ]
    assert messages(plain + overlay, juju) == []


@pytest.mark.parametrize("text", ["series: jammy\ndefault-base: ubuntu@20.04\n", ""])
def test_differing_series_and_base_are_reported_beside_other_faults_only(text: str) -> None:
    """Juju 3.6 loses the result of this check when nothing else is wrong."""
    application = "" if text else "series: jammy, base: ubuntu@20.04, "
    owner = "bundle" if text else 'application "a"'
    path = ("default-base",) if text else ("applications", "a", "base")
    sound = f"{text}applications: {{a: {{{application}charm: x}}}}"
    faulty = f"{text}applications: {{a: {{{application}charm: x, num_units: -1}}}}"
    message = f'{owner} series "jammy" and base "ubuntu@20.04" must match if both supplied'

    assert messages(sound, Juju.V3_6) == []
    assert message not in messages(faulty, Juju.V4_0)
    findings = juju_findings(parse_bundle(BundleSource(faulty), Juju.V3_6), Juju.V3_6)
    assert [(finding.message, finding.path) for finding in findings[1:]] == [(message, path)]


@pytest.mark.parametrize("juju", MODERN)
def test_equal_series_and_base_are_accepted(juju: Juju) -> None:
    """One file can thus serve 2.9 and 4.0."""
    text = "applications: {a: {charm: x, series: jammy, base: ubuntu@22.04, num_units: -1}}"

    assert messages(text, juju) == ['negative number of units specified on application "a"']


def test_machine_with_an_unknown_base_beside_its_series_has_the_words_of_3_6() -> None:
    """Only Ubuntu and CentOS have series."""
    text = (
        "applications: {a: {charm: x, num_units: 1, to: ['0', '0']}}\n"
        "machines: {'0': {series: jammy, base: ubuntu@1.2}}"
    )

    assert messages(text, Juju.V3_6)[1:] == ['os "ubuntu" version "1.2" not found']


@pytest.mark.parametrize(
    ("charm", "series"), [("cs:bionic/db-3", ""), ("bionic/db-3", "series: kubernetes, ")]
)
def test_charm_of_another_series_is_refused_in_a_kubernetes_bundle_of_2_6(
    charm: str, series: str
) -> None:
    """Its applications have the series kubernetes."""
    text = f"bundle: kubernetes\napplications: {{a: {{{series}charm: '{charm}', num_units: 1}}}}"

    assert messages(text, Juju.V2_6) == [
        'the charm URL for application "a" has a series which does not match, please remove the'
        " series from the URL"
    ]


@pytest.mark.parametrize(
    ("placement", "message"),
    [
        ("a=b,c=d,", ""),
        ("a", 'expected "key=value", got "a" for application "a"'),
        ("a= ", 'expected "key=value", got "a=" for application "a"'),
        ("=b", 'expected "key=value", got "=b" for application "a"'),
        ("a=b, a=c", 'key "a" specified more than once for application "a"'),
    ],
)
def test_placement_of_a_kubernetes_bundle_has_keys_and_values(
    placement: str, message: str
) -> None:
    """Empty parts are passed over."""
    body = f"charm: x, scale: 1, placement: '{placement}'"
    text = f"bundle: kubernetes\napplications: {{a: {{{body}}}}}"

    assert messages(text, Juju.V2_9) == ([message] if message else [])


@pytest.mark.parametrize(
    ("cidr", "is_valid"),
    [
        ("10.0.0.0/8", True),
        ("10.0.0.0/08", True),
        ("::/0", True),
        ("::ffff:1.2.3.4/100", True),
        ("10.0.0.0", False),
        ("10.0.0.0/33", False),
        ("10.0.0.0/+8", False),
        ("010.0.0.0/8", False),
        ("fe80::1%eth0/64", False),
    ],
)
def test_exposed_network_is_judged_as_by_go(cidr: str, is_valid: bool) -> None:
    """A scope of IPv6 is not part of a network."""
    overlay = f"applications: {{a: {{exposed-endpoints: {{x: {{expose-to-cidrs: ['{cidr}']}}}}}}}}"

    assert (messages(f"{SOUND}---\n{overlay}", Juju.V3_6) == []) is is_valid


@pytest.mark.parametrize(
    ("series", "is_refused"),
    [("", False), ("series: kubernetes,", False), ("series: bionic,", True)],
)
def test_series_of_a_kubernetes_bundle_is_kubernetes_or_none(
    series: str, is_refused: bool
) -> None:
    """Juju 2.6 checks it. Later releases refuse an invalid series only."""
    text = f"bundle: kubernetes\napplications: {{a: {{charm: 'cs:x', {series} scale: 1}}}}"
    refusals = {
        juju: [
            (finding.id, finding.path, finding.message)
            for finding in juju_findings(parse_bundle(BundleSource(text), juju), juju)
            if finding.id == "J015"
        ]
        for juju in (Juju.V2_6, Juju.V2_9)
    }
    message = 'series for application "a" not valid for Kubernetes bundles'

    assert refusals == {
        Juju.V2_6: [("J015", ("applications", "a", "series"), message)] * is_refused,
        Juju.V2_9: [],
    }
