"""Channels of charms."""

from __future__ import annotations

import pytest

from botlab.bundle.channels import Channel, channel_error, parse_channel


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("stable", Channel(risk="stable")),
        ("latest", Channel(track="latest")),
        ("1.29/edge", Channel("1.29", "edge")),
        ("edge/fix", Channel(risk="edge", branch="fix")),
        ("1.29/beta/fix", Channel("1.29", "beta", "fix")),
        ("stable/stable", Channel(risk="stable", branch="stable")),
        ("edge/beta/x", Channel("edge", "beta", "x")),
    ],
)
def test_channel_has_a_track_a_risk_and_a_branch(text: str, channel: Channel) -> None:
    """Any of them may be missing."""
    assert parse_channel(text) == channel


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty channel not valid"),
        ("1.29/stabel", 'risk in channel "1.29/stabel" not valid'),
        ("1.29/Stable", 'risk in channel "1.29/Stable" not valid'),
        ("1.29/", 'risk in channel "1.29/" not valid'),
        ("a/b/c", 'risk in channel "a/b/c" not valid'),
        ("/stable", 'track in channel "/stable" not valid'),
        ("/stable/x", 'track in channel "/stable/x" not valid'),
        ("stable/", 'branch in channel "stable/" not valid'),
        ("1.29/stable/", 'branch in channel "1.29/stable/" not valid'),
        ("x/y/z/w", 'channel is malformed and has too many components "x/y/z/w"'),
    ],
)
def test_invalid_channel_has_the_message_of_juju(text: str, message: str) -> None:
    """The risk is checked first, then the track, then the branch."""
    assert channel_error(text) == message
