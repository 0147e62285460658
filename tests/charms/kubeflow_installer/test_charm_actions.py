"""The actions, by ops' own testing tools, without a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ops import testing

from kubeflow_installer.reconcile import loop, upgrade
from kubeflow_installer.releases import inventory
from labcharm.errors import BlockedError

CHARM = Path(__file__).resolve().parents[3] / "charms/kubeflow-installer"
PEER = testing.PeerRelation("installers")
ACTIONS = (
    "verify", "install", "upgrade", "uninstall", "list-objects", "list-images", "get-url",
    "get-credentials", "rotate-credentials",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(ACTIONS) - {"list-images", "get-url"}))
def test_most_actions_need_the_leader(context: testing.Context, name: str) -> None:
    """On other units they fail, and the message says where to run them."""
    with pytest.raises(testing.ActionFailed, match="only the leader"):
        context.run(context.on.action(name), testing.State(leader=False))


@pytest.mark.parametrize("name", sorted(set(ACTIONS) - {"install", "get-credentials"}))
def test_actions_without_a_cluster_name_what_is_missing(
    context: testing.Context, name: str
) -> None:
    message = "kube-control"
    if name == "rotate-credentials":
        message = "there are no credentials yet"
    with pytest.raises(testing.ActionFailed, match=message):
        context.run(context.on.action(name), testing.State(leader=True, relations={PEER}))


def test_install_that_waits_does_not_fail(context: testing.Context) -> None:
    control_plane = testing.Relation("kube-control", remote_app_name="kubernetes-master")
    state = testing.State(leader=True, relations={PEER, control_plane})
    context.run(context.on.action("install"), state)
    assert context.action_results
    assert context.action_results["status"] == "waiting"
    assert "kube-control" in context.action_results["message"]


def test_install_without_a_control_plane_fails(context: testing.Context) -> None:
    """The status is blocked, because only the administrator can relate one."""
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action("install"), testing.State(leader=True, relations={PEER}))
    assert context.action_results
    assert context.action_results["status"] == "blocked"


def test_list_images_needs_no_cluster(context: testing.Context) -> None:
    """A mirror can be filled before there are machines."""
    state = testing.State(leader=True, config={"image-registry": "reg.lab:5000/kf"})
    context.run(context.on.action("list-images", params={"version": "1.10.2"}), state)
    assert context.action_results
    images = json.loads(context.action_results["images"])
    mirrored = json.loads(context.action_results["pulled-from"])
    assert "ghcr.io/dexidp/dex:v2.41.1" in images
    assert "reg.lab:5000/kf/dexidp/dex:v2.41.1" in mirrored
    assert len(images) == len(mirrored) > 50


def test_list_images_shows_what_upstream_no_longer_serves(context: testing.Context) -> None:
    """With the same image elsewhere, and what this site has no place for."""
    minio = "gcr.io/ml-pipeline/minio:RELEASE.2019-08-14T20-37-41Z-license-compliance"
    mysql = {"gcr.io/ml-pipeline/mysql:8.0.26": "docker.io/library/mysql:8.0.26"}
    for overrides, unavailable in (("", [minio]), (f"{minio}=reg.lab/minio:1", [])):
        state = testing.State(leader=True, config={"image-overrides": overrides})
        context.run(context.on.action("list-images", params={"version": "1.10.2"}), state)
        assert context.action_results
        results = {name: json.loads(text) for name, text in context.action_results.items()
                   if name != "release"}  # fmt: skip
        assert results["withdrawn"] == {minio: "", **mysql}
        assert results["unavailable"] == unavailable
        assert set(mysql.values()) < set(results["pulled-from"])


def test_list_images_of_a_release_without_inventory_fails(
    context: testing.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty result would mean a mirror without images."""
    monkeypatch.setattr(inventory, "_DIRECTORY", "/nowhere")
    with pytest.raises(testing.ActionFailed, match=r"no inventory of what Kubeflow 1\.10\.2"):
        context.run(
            context.on.action("list-images", params={"version": "1.10.2"}),
            testing.State(leader=True),
        )


CONTENT = {"password": "hunter2", "hash": "$2a$10$x"}


def state_with_credentials() -> testing.State:
    """Return a state with stored credentials."""
    secret = testing.Secret(CONTENT, owner="app")
    peer = testing.PeerRelation("installers", local_app_data={"credentials": secret.id})
    return testing.State(leader=True, relations={peer}, secrets={secret})


def test_credentials_are_only_in_the_results_of_their_action(context: testing.Context) -> None:
    """They are in no status and no log."""
    context.run(context.on.action("get-credentials"), state_with_credentials())

    assert context.action_results == {"user": "admin@kubeflow.org", "password": "hunter2"}
    assert "hunter2" not in str(context.juju_log)


def test_missing_credentials_are_reported(context: testing.Context) -> None:
    with pytest.raises(testing.ActionFailed, match="generated when Kubeflow is installed"):
        context.run(
            context.on.action("get-credentials"), testing.State(leader=True, relations={PEER})
        )


def with_fake_cluster(charm: Any) -> Any:
    """Return the charm with a cluster that is never asked anything."""

    class FakeClusterCharm(charm):  # type: ignore[misc]
        """The charm; its reconcile step always waits."""

        @contextmanager
        def _kubeflow(self, event: Any = None) -> Iterator[SimpleNamespace]:
            yield SimpleNamespace()

        def _reconciled_status(self, *_: Any) -> testing.WaitingStatus:
            return testing.WaitingStatus("moving")

    # ops finds the charm's metadata beside the module of its class.
    FakeClusterCharm.__module__ = charm.__module__
    return FakeClusterCharm


def test_rotation_that_cannot_reach_dex_keeps_the_password(
    charm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else stores the password that dex accepts."""

    def refuse(_: object) -> None:
        raise BlockedError("not now")

    monkeypatch.setattr(loop, "require_changeable_credentials", refuse)
    context = testing.Context(with_fake_cluster(charm), charm_root=CHARM)
    with pytest.raises(testing.ActionFailed, match="not now") as error:
        context.run(context.on.action("rotate-credentials"), state_with_credentials())
    (secret,) = error.value.state.secrets
    assert (secret.tracked_content, secret.latest_content) == (CONTENT, CONTENT)


@pytest.mark.parametrize(
    ("refused", "problems", "force", "failure", "moved_to"),
    [
        ("", [], False, "", ["1.11.0"]),
        ("", ["nodes: none", "files: old"], False, "nodes: none; files: old", []),
        ("", ["nodes: none", "files: old"], True, "", ["1.11.0"]),
        ("upstream does not support it", [], False, "upstream does not support it", []),
        ("upstream does not support it", [], True, "upstream does not support it", []),
    ],
)
def test_upgrade_with_problems_needs_force(
    charm: Any, monkeypatch: pytest.MonkeyPatch, refused: str, problems: Sequence[str],
    force: bool, failure: str, moved_to: list[str],
) -> None:  # fmt: skip
    """A move that upstream does not support cannot be forced."""
    moves: list[str] = []
    plan = upgrade.Plan("1.10.2", "1.11.0", None, refused, problems)
    monkeypatch.setattr(upgrade, "plan", lambda *_: plan)
    monkeypatch.setattr(upgrade, "start", lambda _, release: moves.append(release))
    context = testing.Context(with_fake_cluster(charm), charm_root=CHARM)
    action = context.on.action("upgrade", params={"apply": True, "force": force})
    message = ""
    try:
        context.run(action, testing.State(leader=True, relations={PEER}))
    except testing.ActionFailed as error:
        message = error.message

    assert (message, moves) == (failure, moved_to)
    assert context.action_results
    shown = json.loads(context.action_results["problems"])
    assert shown == ([refused] if refused else []) + list(problems)
