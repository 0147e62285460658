"""Refusals of Juju's client between the verification and the first change."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.findings import path_text
from botlab.juju import Juju
from botlab.rules.juju import juju_findings

FROM_2_9 = (Juju.V2_9, Juju.V3_6, Juju.V4_0)
FROM_3_6 = (Juju.V3_6, Juju.V4_0)


def refusals(text: str, juju: Juju) -> list[tuple[str, str, str]]:
    """Return the id, the path and the message of each refusal."""
    findings = juju_findings(parse_bundle(BundleSource(text), juju), juju)
    return [(finding.id, path_text(finding.path), finding.message) for finding in findings]


@pytest.mark.parametrize("juju", FROM_2_9)
@pytest.mark.parametrize(
    ("channel", "problem"),
    [
        ("1.29/stabel", 'risk in channel "1.29/stabel" not valid'),
        ("stable/", 'branch in channel "stable/" not valid'),
        ("x/y/z/w", 'channel is malformed and has too many components "x/y/z/w"'),
    ],
)
def test_invalid_channel_names_the_charm(juju: Juju, channel: str, problem: str) -> None:
    """Although Juju calls it an application."""
    text = f"applications: {{a: {{charm: ubuntu, channel: {channel}, num_units: 1}}}}"

    message = f'for application "ubuntu": {problem}'
    assert refusals(text, juju) == [("J044", "applications.a.channel", message)]


@pytest.mark.parametrize("juju", FROM_2_9)
def test_client_stops_at_the_first_application_and_after_faults_of_the_verification(
    juju: Juju,
) -> None:
    """In the order of the names."""
    text = "applications: {b: {charm: x, channel: b/b}, a: {charm: y, channel: a/a}}\n"

    message = 'for application "y": risk in channel "a/a" not valid'
    assert [refusal[2] for refusal in refusals(text, juju)] == [message]
    assert [refusal[0] for refusal in refusals(f"{text}relations: [[a]]", juju)] == ["J060"]


def test_channel_of_the_charm_store_has_other_words() -> None:
    """And Juju 2.6 does not read channels."""
    text = "applications: {a: {charm: 'cs:x-1', channel: a/b}}"

    message = 'risk in channel "a/b" not valid'
    assert refusals(text, Juju.V2_9) == [("J044", "applications.a.channel", message)]
    assert refusals(text, Juju.V2_6) == []


@pytest.mark.parametrize("juju", FROM_2_9)
@pytest.mark.parametrize("channel", ["1.29/stable", "edge/fix", "latest"])
def test_valid_channel_is_accepted(juju: Juju, channel: str) -> None:
    """Here stands the near miss."""
    assert refusals(f"applications: {{a: {{charm: x, channel: {channel}}}}}", juju) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("series: jamy\napplications: {a: {charm: x}}", "series"),
        ("applications: {a: {charm: x, series: jamy}}", "applications.a.series"),
        (
            "applications: {a: {charm: x, num_units: 1, to: ['0']}}\n"
            "machines: {'0': {series: jamy}}",
            "machines.0.series",
        ),
    ],
)
def test_series_that_juju_does_not_know_stops_3_6(text: str, path: str) -> None:
    """Juju 4.0 does not read series, and 2.9 checks those of store charms only."""
    message = 'series "jamy" not valid'
    is_application = path.startswith("applications")

    assert refusals(text, Juju.V3_6) == [("J045", path, message)]
    assert refusals(text, Juju.V2_9) == ([("J045", path, message)] if is_application else [])
    assert refusals(text, Juju.V4_0) == refusals(text, Juju.V2_6) == []
    assert refusals(text.replace("jamy", "jammy"), Juju.V3_6) == []


def test_base_beside_an_unknown_series_wins_in_3_6() -> None:
    """The series is not looked at."""
    text = "series: jamy\ndefault-base: ubuntu@22.04\napplications: {a: {charm: x}}"

    assert refusals(text, Juju.V3_6) == []


def test_generic_linux_has_no_version_in_2_9() -> None:
    """Juju 3.6 knows it."""
    text = "applications: {a: {charm: x, series: genericlinux}}"

    message = 'os "genericlinux" version "genericlinux" not found'
    assert refusals(text, Juju.V2_9) == [("J045", "applications.a.series", message)]
    assert refusals(text, Juju.V3_6) == []


@pytest.mark.parametrize("juju", FROM_3_6)
def test_base_with_a_branch_passes_the_verification_but_not_the_planner(juju: Juju) -> None:
    """Also at the bundle and at a machine."""
    message = 'channel is malformed and has too many components "22.04/edge/fix"'
    base = "ubuntu@22.04/edge/fix"

    assert refusals(f"default-base: {base}\napplications: {{a: {{charm: x}}}}", juju) == [
        ("J045", "default-base", message)
    ]
    assert refusals(f"applications: {{a: {{charm: x, base: {base}}}}}", juju) == [
        ("J045", "applications.a.base", message)
    ]


@pytest.mark.parametrize("juju", FROM_3_6)
def test_image_needs_a_base(juju: Juju) -> None:
    """For an application whose constraints, or whose machine's constraints, name the image."""
    base = "applications: {a: {charm: x, num_units: 1, to: ['0']}}\nmachines: {'0': }\n---\n"
    local = base.replace("charm: x", "charm: ./")
    message = 'base must be explicitly provided for "x" when image-id constraint is used'
    expected = [("J046", "applications.a.constraints", message)]

    application = "applications: {a: {constraints: image-id=i}}"
    machine = "machines: {'0': {constraints: image-id=i}}"
    assert refusals(base + application, juju) == refusals(base + machine, juju) == expected
    assert refusals(f"default-base: ubuntu@22.04\n{base}{machine}", juju) == []
    assert refusals(local + application, juju)[0][2] == message.replace('"x"', '"."')


@pytest.mark.parametrize("juju", FROM_3_6)
@pytest.mark.parametrize("key", ["placement: zone=a", "to: ['zone=a']"])
def test_placement_of_a_kubernetes_bundle_makes_the_client_crash(juju: Juju, key: str) -> None:
    """It reads placements as those of machines."""
    text = f"bundle: kubernetes\napplications: {{a: {{charm: x, scale: 1, {key}}}}}"

    assert [refusal[:2] for refusal in refusals(text, juju)] == [("BL100", "applications.a.to[0]")]
    assert refusals(text, Juju.V2_9) == []


@pytest.mark.parametrize("juju", FROM_3_6)
def test_web_address_of_a_charm_is_refused(juju: Juju) -> None:
    """The verification accepts it."""
    text = "applications: {a: {charm: 'https://charmhub.io/x'}}"

    assert refusals(text, juju) == [("J048", "applications.a.charm", 'schema "https" not valid')]
