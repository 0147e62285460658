"""The keys of the site file that decide the parts of the bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.findings import path_text
from helpers.assessments import assess_layer


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ("3.4/stabel", 'for application "etcd": risk in channel "3.4/stabel" not valid'),
        ("stable/", 'for application "etcd": branch in channel "stable/" not valid'),
    ],
)
def test_invalid_channel_is_reported_at_the_key_of_the_site(
    tmp_path: Path, channel: str, message: str
) -> None:
    """The bundle has the channel beside the charm, and the site below it."""
    layer = {
        "juju": "3.6",
        "kubernetes": {"profile": "charmed-k8s", "channel": "1.35/stable"},
        "applications": {"etcd": {"charm": {"charmhub": "etcd", "channel": channel}}},
    }
    findings = assess_layer(tmp_path, layer).findings

    assert [
        (path_text(finding.path), finding.message) for finding in findings if finding.id == "J044"
    ] == [("applications.etcd.charm.channel", message)]
