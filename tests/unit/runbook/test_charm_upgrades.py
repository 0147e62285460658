"""The upgrade of each charm follows the source of the charm."""

from __future__ import annotations

from pathlib import Path

from helpers.runbooks import sections_of

from .test_document import changed, commands_of, runbook_of

UPGRADES = "Upgrade the charms"


def upgrades(text: str) -> list[str]:
    """Return the commands that upgrade charms."""
    commands = commands_of(sections_of(text)[UPGRADES])
    return [c for c in commands if c.startswith(("juju refresh ", "juju upgrade-charm "))]


def test_charms_of_charmhub_follow_their_channel_in_the_order_of_their_publisher() -> None:
    names = [command.split()[2] for command in upgrades(runbook_of("modern"))]

    assert names == [
        "easyrsa", "etcd", "containerd", "calico", "kubeapi-load-balancer",
        "kubernetes-control-plane", "kubernetes-worker", "filesystem-client",
        "nvidia-runtime", "nfs-server", "metallb", "kubeflow-installer",
    ]  # fmt: skip
    assert "juju refresh etcd --channel 1.35/stable" in upgrades(runbook_of("modern"))


def test_charm_without_a_channel_keeps_that_of_the_model() -> None:
    assert "juju refresh vault" in upgrades(runbook_of("vault"))


def test_charms_of_the_charm_store_are_pinned() -> None:
    """Only this project's own charms are files."""
    text = sections_of(runbook_of("botlab"))[UPGRADES]

    assert "The site pins the revisions of `easyrsa`, `etcd`, " in text
    assert len(upgrades(runbook_of("botlab"))) == 4
    assert "Charms from Charmhub" not in text


def test_pinned_revision_is_changed_in_the_site(tmp_path: Path) -> None:
    charm = {"charm": {"charmhub": "etcd", "channel": "1.35/stable"}}
    pinned = {"charm": {**charm["charm"], "revision": 800}}
    texts = [changed(tmp_path, "cilium", {"applications": {"etcd": c}}) for c in (charm, pinned)]

    assert [any("refresh etcd" in command for command in upgrades(t)) for t in texts] == [
        True,
        False,
    ]
    assert "The site pins the revisions of `etcd`." in texts[1]


def test_files_of_the_site_are_refreshed_from_their_path() -> None:
    assert "juju refresh etcd --path ./charms/etcd.charm" in upgrades(runbook_of("air-gapped"))


def test_canonical_kubernetes_is_checked_before_each_refresh() -> None:
    commands = commands_of(sections_of(runbook_of("canonical"))[UPGRADES])
    for name in ("k8s", "k8s-worker"):
        position = commands.index(f"juju refresh {name} --channel 1.34/stable")
        assert commands[position - 1] == f"juju run {name}/leader pre-upgrade-check --wait=10m"
