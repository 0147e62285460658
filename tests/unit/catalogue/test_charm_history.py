"""Facts that changed between revisions of the Kubernetes charms."""

from __future__ import annotations

import pytest

from botlab.bundle.model import Application
from botlab.catalogue.charm_history import charm_has
from botlab.juju import Juju


@pytest.mark.parametrize(
    ("charm", "fact", "expected"),
    [
        ("cs:~containers/etcd-478", "automatic-channel", False),
        ("cs:~containers/etcd-480", "automatic-channel", None),
        ("cs:~containers/etcd-496", "automatic-channel", True),
        ("cs:bionic/etcd-607", "automatic-channel", True),
        ("cs:~containers/etcd", "automatic-channel", True),
        ("etcd", "automatic-channel", True),
        ("./etcd.charm", "automatic-channel", None),
        ("cs:~containers/kubernetes-master-542", "lxd-profile", False),
        ("cs:~containers/kubernetes-worker-613", "lxd-profile", True),
        ("cs:ubuntu-12", "lxd-profile", None),
        ("cs:a/b/c/d/e/etcd-1", "automatic-channel", None),
    ],
)
def test_revision_in_the_store_tells_the_age_of_a_charm(
    charm: str, fact: str, expected: bool | None
) -> None:
    """Revisions between the last one without the fact and the first one with it are not known."""
    assert charm_has(fact, Application(charm), Juju.V2_9) is expected


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("1.34/stable", False), ("1.35/edge", True), ("latest/stable", True), ("", True)],
)
def test_track_of_the_channel_tells_the_age_of_a_charm(channel: str, expected: bool) -> None:
    """A channel without a number is the newest one."""
    application = Application("kubernetes-control-plane", channel)

    assert charm_has("privileged-networks", application, Juju.V3_6) is expected


def test_charm_that_never_was_in_the_store_has_no_fact_there() -> None:
    """Its facts only depend on the track."""
    application = Application("cs:kubernetes-control-plane-1")

    assert charm_has("privileged-networks", application, Juju.V2_9) is False
