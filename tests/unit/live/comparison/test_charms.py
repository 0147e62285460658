"""Differences of charms: the charm, its channel, its revision and its base."""

from __future__ import annotations

import pytest

from botlab.bundle.model import Application
from botlab.juju import Juju
from botlab.live.comparison.charms import CharmPair, charm_differences, platform_differences
from botlab.plan.model import ModelApplication


def _pair(
    application: Application,
    deployed: ModelApplication,
    juju: Juju = Juju.V3_6,
    charm_name: str = "etcd",
) -> CharmPair:
    return CharmPair("etcd", application, deployed, charm_name, "/lab", juju)


def _result(pair: CharmPair) -> tuple[list[str], list[str]]:
    differences = list(charm_differences(pair))
    commands = [command.text() for entry in differences for command in entry.commands]
    return [str(entry.delta) for entry in differences], commands


@pytest.mark.parametrize(
    ("application", "deployed"),
    [
        (Application("etcd"), ModelApplication("etcd", "latest/stable", 7)),
        (Application("etcd", "stable"), ModelApplication("etcd", "latest/stable", 7)),
        (Application("etcd", "3.4"), ModelApplication("etcd", "3.4/stable", 7)),
        (Application("ch:etcd", "3.4/stable", 7), ModelApplication("etcd", "3.4/stable", 7)),
        (Application("./charms/etcd.charm"), ModelApplication("local:etcd-2", "", 2)),
    ],
)
def test_same_charm_does_not_differ(application: Application, deployed: ModelApplication) -> None:
    assert _result(_pair(application, deployed)) == ([], [])


def test_other_channel_is_refreshed_because_deploy_refuses_it() -> None:
    application = Application("etcd", "3.5/stable", 9)
    pair = _pair(application, ModelApplication("etcd", "3.4/stable", 7))
    (difference,) = charm_differences(pair)
    assert str(difference.delta) == "application etcd: channel 3.4/stable -> 3.5/stable"
    (command,) = difference.commands
    assert command.text() == "juju refresh etcd --channel 3.5/stable --revision 9"
    assert command.stage.precedes_deploy
    assert not command.is_part_of_deploy


@pytest.mark.parametrize(("old", "new"), [(7, 9), (9, 7)])
def test_other_revision_is_refreshed(old: int, new: int) -> None:
    application = Application("etcd", "3.4/stable", new)
    assert _result(_pair(application, ModelApplication("etcd", "3.4/stable", old))) == (
        [f"application etcd: revision {old} -> {new}"],
        [f"juju refresh etcd --channel 3.4/stable --revision {new}"],
    )


def test_revision_in_the_url_of_the_charm_store_counts() -> None:
    deployed = ModelApplication("cs:~containers/etcd-378", "", 378)
    same = _pair(Application("cs:~containers/etcd-378"), deployed, Juju.V2_6)
    assert _result(same) == ([], [])
    newer = _pair(Application("cs:~containers/etcd-380"), deployed, Juju.V2_6)
    assert _result(newer) == (
        ["application etcd: revision 378 -> 380"],
        ["juju upgrade-charm etcd --revision 380"],
    )


def test_other_owner_is_another_charm() -> None:
    deployed = ModelApplication("cs:~containers/etcd-378", "", 378)
    pair = _pair(Application("cs:etcd"), deployed, Juju.V2_9)
    assert _result(pair) == (
        ["application etcd: charm cs:~containers/etcd-378 -> cs:etcd"],
        ["juju refresh etcd --switch cs:etcd"],
    )


def test_charm_of_a_store_replaces_a_local_one() -> None:
    pair = _pair(Application("etcd", "3.4/stable"), ModelApplication("local:etcd-2", "", 2))
    assert _result(pair) == (
        ["application etcd: charm local:etcd-2 -> etcd"],
        ["juju refresh etcd --switch etcd --channel 3.4/stable"],
    )


def test_local_charm_replaces_one_of_a_store() -> None:
    pair = _pair(Application("./charms/etcd.charm"), ModelApplication("etcd", "3.4/stable", 7))
    assert _result(pair) == (
        ["application etcd: charm etcd -> ./charms/etcd.charm"],
        ["juju refresh etcd --path /lab/charms/etcd.charm"],
    )


@pytest.mark.parametrize(
    ("juju", "old", "new", "field"),
    [
        (Juju.V2_9, "bionic", "focal", "series"),
        (Juju.V3_6, "ubuntu@22.04/stable", "ubuntu@24.04/stable", "base"),
    ],
)
def test_platform_cannot_be_changed(juju: Juju, old: str, new: str, field: str) -> None:
    pair = _pair(Application("etcd"), ModelApplication("etcd", platform=old), juju)
    (difference,) = platform_differences(pair, new)
    assert str(difference.delta) == f"application etcd: {field} {old} -> {new}"
    assert difference.commands == ()
    assert difference.advice == (
        "it cannot be changed; remove the application and deploy it again"
    )
    assert list(platform_differences(pair, old)) == []
    assert list(platform_differences(pair, "")) == []
