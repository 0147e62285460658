"""Refusals of local charms: channels, and platforms that a charm does not support."""

from __future__ import annotations

import pytest

from botlab.catalogue.model import Charm
from botlab.findings import path_text
from botlab.juju import Juju
from helpers.charm_archives import manifest
from helpers.refusals import charm, messages, refusals

CHARM = charm("{name: tiny}", manifest=manifest("22.04", "24.04"))


def local(keys: str, juju: Juju, facts: Charm = CHARM, top: str = "") -> list[str]:
    """Return the messages about an application of a local charm."""
    text = f"{top}\napplications: {{a: {{charm: ./charms/x.charm, {keys}}}}}"
    return messages(refusals(text, juju, {"a": facts}, local_files=["a"]))


@pytest.mark.parametrize(
    ("juju", "shown"),
    [(Juju.V2_9, "tiny"), (Juju.V3_6, "tiny"), (Juju.V4_0, "local:tiny-0")],
)
@pytest.mark.parametrize("channel", ["latest/stable", "edge", "1.2"])
def test_channel_of_a_local_charm_is_refused(juju: Juju, shown: str, channel: str) -> None:
    """The client stores local charms in the channel `stable` only."""
    assert local(f"channel: {channel}", juju) == [
        f'unexpected charm "{shown}", charm not found for application "a"'
    ]


@pytest.mark.parametrize("juju", list(Juju))
def test_stable_and_no_channel_are_accepted(juju: Juju) -> None:
    """2.6 does not read channels at all."""
    assert local("channel: stable", juju) == []
    assert local("num_units: 1", juju) == []
    assert local("channel: edge", Juju.V2_6) == []


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ("1.2/stabel", 'risk in channel "1.2/stabel" not valid'),
        ("/edge", 'track in channel "/edge" not valid'),
        ("edge/", 'branch in channel "edge/" not valid'),
        ("a/b/c/d", 'channel is malformed and has too many components "a/b/c/d"'),
    ],
)
def test_channel_that_cannot_be_parsed_is_refused_later_for_a_local_charm(
    channel: str, message: str
) -> None:
    """A dry run parses the channels of the store's charms only."""
    assert local(f"channel: {channel}", Juju.V3_6) == [message]


def test_second_upload_of_a_local_charm_has_the_next_revision() -> None:
    """Each channel is an upload of its own."""
    text = """
applications:
  a: {charm: ./x.charm}
  b: {charm: ./x.charm, channel: edge}
  c: {charm: ./x.charm, channel: beta}
"""
    facts = dict.fromkeys("abc", CHARM)

    assert [message.split(",")[0] for message in messages(refusals(text, Juju.V4_0, facts))] == [
        'unexpected charm "local:tiny-1"',
        'unexpected charm "local:tiny-2"',
    ]


SERIES = charm("{name: tiny, series: [focal, jammy]}")


@pytest.mark.parametrize("juju", [Juju.V2_6, Juju.V2_9])
def test_series_that_the_charm_does_not_name_is_refused(juju: Juju) -> None:
    """When the charm is uploaded."""
    assert local("series: bionic", juju, SERIES) == [
        'cannot deploy local charm at "/bundle/charms/x.charm": series "bionic" not supported by'
        " charm, supported series are: focal,jammy"
    ]
    assert local("series: focal", juju, SERIES) == []


def test_series_of_the_bundle_is_refused_by_2_6_at_the_upload() -> None:
    """2.9 notices it in a dry run."""
    assert len(local("num_units: 1", Juju.V2_6, SERIES, top="series: bionic")) == 1
    assert local("num_units: 1", Juju.V2_9, SERIES, top="series: bionic") == []


@pytest.mark.parametrize("juju", [Juju.V3_6, Juju.V4_0])
@pytest.mark.parametrize(
    ("keys", "top"), [("base: ubuntu@20.04", ""), ("num_units: 1", "default-base: ubuntu@20.04")]
)
def test_base_that_the_charm_does_not_support_is_refused(juju: Juju, keys: str, top: str) -> None:
    """The message does not name the application."""
    assert local(keys, juju, top=top) == [
        'base "ubuntu@20.04/stable" is not supported, supported bases are: ubuntu@22.04,'
        " ubuntu@24.04"
    ]


@pytest.mark.parametrize(
    ("juju", "message"),
    [
        (Juju.V3_6, "base: ubuntu@18.04/stable"),
        (Juju.V4_0, "base: ubuntu@18.04/stable not supported"),
    ],
)
def test_base_that_juju_does_not_support_is_refused(juju: Juju, message: str) -> None:
    """Whatever the charm supports besides."""
    facts = charm("{name: tiny}", manifest=manifest("18.04", "22.04"))

    assert local("base: ubuntu@18.04", juju, facts) == [message]


@pytest.mark.parametrize("juju", [Juju.V3_6, Juju.V4_0])
def test_charm_needs_a_base_that_juju_supports(juju: Juju) -> None:
    """At least one."""
    old = charm("{name: tiny}", manifest=manifest("16.04", "18.04"))

    assert local("num_units: 1", juju, old)[0] == (
        'the charm defined bases "ubuntu@16.04, ubuntu@18.04" not supported'
    )
    assert local("num_units: 1", juju, charm("{name: tiny}"))[0] == (
        "charm does not define any bases, not valid"
    )


@pytest.mark.parametrize("juju", list(Juju))
def test_charm_that_was_not_read_from_its_own_file_is_not_judged(juju: Juju) -> None:
    """Another charm of the same name may support other platforms."""
    text = "applications: {a: {charm: ./x.charm, series: bionic, base: ubuntu@18.04}}"

    assert refusals(text, juju, {"a": CHARM}) == []


def test_refusal_of_a_platform_is_reported_at_the_key_that_names_it() -> None:
    """The base, or else the series."""
    text = "applications: {a: {charm: ./x, base: ubuntu@20.04}, b: {charm: ./x, series: focal}}"

    findings = refusals(text, Juju.V3_6, {"a": CHARM, "b": CHARM}, local_files=["a", "b"])

    assert [path_text(finding.path) for finding in findings] == [
        "applications.a.base",
        "applications.b.series",
    ]
