"""Bases, and the series that Juju knows."""

from __future__ import annotations

import pytest

from botlab.bundle.bases import base_error, is_base, known_series, series_of_base
from botlab.juju import Juju


@pytest.mark.parametrize(
    ("text", "accepted_by_3_6", "accepted_by_4_0"),
    [
        ("ubuntu@22.04", True, True),
        ("Ubuntu@22.04/edge", True, True),
        ("ubuntu@22.04/stable/fix", True, True),
        ("genericlinux@x", True, True),
        ("debian@12", False, True),
        ("rocky@9/stable", False, True),
        ("@22.04", False, False),
        ("ubuntu@", False, False),
        ("ubuntu", False, False),
        ("ubuntu@22.04@x", False, False),
        ("ubuntu@notachannel/x/y/z", False, False),
        ("ubuntu@22.04/x", False, False),
        ("ubuntu@/stable", False, False),
    ],
)
def test_base_is_accepted_as_by_the_juju_release(
    text: str, accepted_by_3_6: bool, accepted_by_4_0: bool
) -> None:
    """Juju 4.0 accepts any operating system."""
    accepted = (is_base(text, Juju.V3_6), is_base(text, Juju.V4_0))

    assert accepted == (accepted_by_3_6, accepted_by_4_0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ubuntu@22.04", ""),
        ("ubuntu@stable", ""),
        ("ubuntu@22.04/edge", ""),
        (
            "ubuntu@22.04/stable/fix",
            'channel is malformed and has too many components "22.04/stable/fix"',
        ),
        ("ubuntu@edge/fix", 'risk in channel "edge/fix" not valid'),
        ("ubuntu@/stable", 'track in channel "/stable" not valid'),
        ("ubuntu@", "empty channel not valid"),
        ("ubuntu", "expected base string to contain os and channel separated by '@'"),
    ],
)
def test_planner_refuses_some_bases_that_the_verification_accepts(text: str, message: str) -> None:
    """A base has no branch there, and its first part is always a track."""
    assert base_error(text) == message


def test_series_of_a_base_depends_on_its_track_only() -> None:
    """Other systems than Ubuntu and CentOS have no series."""
    bases = ("ubuntu@22.04/edge", "Ubuntu@24.04", "centos@7", "debian@12", "ubuntu@1.2")

    assert [series_of_base(base) for base in bases] == ["jammy", "noble", "centos7", "", ""]


def test_only_clients_up_to_2_9_know_series_of_windows() -> None:
    """The later ones deploy Linux only."""
    assert {"win2012", "kubernetes", "jammy"} <= known_series(Juju.V2_9)
    assert "win2012" not in known_series(Juju.V3_6)
    assert not {"jamy", ""} & known_series(Juju.V2_9)
