"""State transitions of charm.py by ops' own testing tools, without a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.kubeconfigs import unverified
from kubeflow_installer.errors import BlockedError
from kubeflow_installer.reconcile import loop
from kubeflow_installer.reconcile import plan as plan_module
from kubeflow_installer.releases import inventory

CHARM = Path(__file__).resolve().parents[3] / "charms/kubeflow-installer"
CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
PEER = testing.PeerRelation("installers")
ACTIONS = (
    "verify", "install", "upgrade", "uninstall", "list-objects", "list-images", "get-url",
    "get-credentials", "rotate-credentials",
)  # fmt: skip


@pytest.fixture
def charm() -> Any:
    """Return the charm's class."""
    return load("kubeflow-installer").KubeflowInstallerCharm


@pytest.fixture
def context(charm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is a folder."""
    monkeypatch.setenv("KUBEFLOW_INSTALLER_ROOT", str(tmp_path / "root"))
    return testing.Context(charm, charm_root=CHARM)


def test_asks_the_control_plane(context: testing.Context) -> None:
    """Publishes who it is, and names every piece that is missing."""
    state = testing.State(leader=True, relations={CONTROL, PEER})
    out = context.run(context.on.relation_joined(CONTROL, remote_unit=0), state)

    bag = out.get_relation(CONTROL.id).local_unit_data
    assert bag["kubelet_user"] == "kubeflow-installer/0"
    assert bag["auth_group"] == "system:masters"
    assert isinstance(out.unit_status, testing.WaitingStatus)
    assert "no credentials from kube-control" in out.unit_status.message
    assert "no CA certificate" in out.unit_status.message


def test_options_are_judged_first(context: testing.Context) -> None:
    """All of them, whatever else is missing."""
    config = {"user": "nobody", "hostname": "10.0.0.1"}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "user is 'nobody'" in out.unit_status.message
    assert "hostname is '10.0.0.1'" in out.unit_status.message


def test_a_kubeconfig_that_does_not_verify(context: testing.Context) -> None:
    """Blocked, without a word of what is in it."""
    config = {"kubeconfig": unverified("hunter2")}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "insecure-skip-tls-verify" in out.unit_status.message
    assert "hunter2" not in str(out.unit_status)


def test_units_beside_the_leader_rest(context: testing.Context) -> None:
    """One unit applies."""
    out = context.run(context.on.config_changed(), testing.State(leader=False))

    assert out.unit_status == testing.ActiveStatus("the leader looks after Kubeflow")


def test_what_was_uninstalled_stays_away(context: testing.Context) -> None:
    """Until it is asked for again, by whoever leads."""
    peer = testing.PeerRelation("installers", local_app_data={"removed": "true"})
    state = testing.State(leader=True, relations={peer})
    out = context.run(context.on.update_status(), state)

    told = "uninstalled by the action; bring it back with install"
    assert out.unit_status == testing.BlockedStatus(told)


@pytest.mark.parametrize("name", sorted(set(ACTIONS) - {"list-images", "get-url"}))
def test_actions_that_need_the_leader(context: testing.Context, name: str) -> None:
    """Elsewhere they fail, and say where to run them."""
    with pytest.raises(testing.ActionFailed, match="only the leader"):
        context.run(context.on.action(name), testing.State(leader=False))


@pytest.mark.parametrize("name", sorted(set(ACTIONS) - {"install", "get-credentials"}))
def test_actions_without_a_cluster_fail_plainly(context: testing.Context, name: str) -> None:
    """With the piece that is missing."""
    told = "kube-control is not related"
    if name == "rotate-credentials":
        told = "there are no credentials yet"
    with pytest.raises(testing.ActionFailed, match=told):
        context.run(context.on.action(name), testing.State(leader=True, relations={PEER}))


def test_install_says_what_it_waits_for(context: testing.Context) -> None:
    """Waiting is no failure of the action."""
    context.run(context.on.action("install"), testing.State(leader=True, relations={PEER}))
    assert context.action_results
    assert context.action_results["status"] == "waiting"
    assert "kube-control is not related" in context.action_results["message"]


def test_images_of_a_release_need_no_cluster(context: testing.Context) -> None:
    """For who fills a mirror before the rack stands."""
    state = testing.State(leader=True, config={"image-registry": "reg.lab:5000/kf"})
    context.run(context.on.action("list-images", params={"version": "1.10.2"}), state)
    assert context.action_results
    images = json.loads(context.action_results["images"])
    pulled = json.loads(context.action_results["pulled-from"])
    assert "ghcr.io/dexidp/dex:v2.41.1" in images
    assert "reg.lab:5000/kf/dexidp/dex:v2.41.1" in pulled
    assert len(images) == len(pulled) > 50


def test_images_of_a_release_that_nobody_listed(
    context: testing.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails, where it would else name none: a mirror without images."""
    monkeypatch.setattr(inventory, "_FOLDER", "/nowhere")
    with pytest.raises(testing.ActionFailed, match=r"no table of what Kubeflow 1\.10\.2 consists"):
        context.run(
            context.on.action("list-images", params={"version": "1.10.2"}),
            testing.State(leader=True),
        )


def test_credentials_are_shown_once_there(context: testing.Context) -> None:
    """The password is in no status and no log, only in the action's results."""
    secret = testing.Secret({"password": "hunter2", "hash": "$2a$10$x"}, owner="app")
    peer = testing.PeerRelation("installers", local_app_data={"credentials": secret.id})
    state = testing.State(leader=True, relations={peer}, secrets={secret})
    context.run(context.on.action("get-credentials"), state)

    assert context.action_results == {"user": "admin@kubeflow.org", "password": "hunter2"}
    assert "hunter2" not in str(context.juju_log)


def test_no_password_is_forgotten_that_dex_keeps(
    charm: Any, context: testing.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a new one would not reach it, the old one stays, and the reason is told."""

    def check(_: object) -> None:
        raise BlockedError("not now")

    @contextmanager
    def reached(*_: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace()

    monkeypatch.setattr(loop, "check_following", check)
    monkeypatch.setattr(charm, "_kubeflow", reached)
    content = {"password": "hunter2", "hash": "$2a$10$x"}
    secret = testing.Secret(content, owner="app")
    peer = testing.PeerRelation("installers", local_app_data={"credentials": secret.id})
    state = testing.State(leader=True, relations={peer}, secrets={secret})
    with pytest.raises(testing.ActionFailed, match="not now") as error:
        context.run(context.on.action("rotate-credentials"), state)
    (kept,) = error.value.state.secrets
    assert (kept.tracked_content, kept.latest_content) == (content, content)


def test_no_credentials_yet(context: testing.Context) -> None:
    """Said plainly."""
    with pytest.raises(testing.ActionFailed, match="made when Kubeflow is installed"):
        context.run(
            context.on.action("get-credentials"), testing.State(leader=True, relations={PEER})
        )


class Upgrades:
    """A charm whose plans and moves are played.

    Args:
        charm: The charm's class.
        patch: pytest's.
        plan: What is planned.
    """

    def __init__(self, charm: Any, patch: pytest.MonkeyPatch, plan: plan_module.Plan) -> None:
        self.moved: list[str] = []
        patch.setattr(plan_module, "plan", lambda *_: plan)
        patch.setattr(plan_module, "move", lambda _, release: self.moved.append(release))
        patch.setattr(charm, "_kubeflow", lambda _: nullcontext(SimpleNamespace(left=[])))
        patch.setattr(charm, "_reconciled", lambda *_: testing.WaitingStatus("moving"))


def upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str, problems: list[str], force: bool
) -> tuple[str, list[str], dict[str, Any] | None]:
    """Run the action; return how it failed, where it moved to, and its results."""
    monkeypatch.setenv("KUBEFLOW_INSTALLER_ROOT", str(tmp_path / "root"))
    charm = load("kubeflow-installer").KubeflowInstallerCharm
    plan = plan_module.Plan("1.10.2", "1.11.0", None, refused, problems)
    upgrades = Upgrades(charm, monkeypatch, plan)
    context = testing.Context(charm, charm_root=CHARM)
    state = testing.State(leader=True, relations={PEER})
    failed = ""
    try:
        context.run(context.on.action("upgrade", params={"apply": True, "force": force}), state)
    except testing.ActionFailed as error:
        failed = error.message
    return failed, upgrades.moved, context.action_results


@pytest.mark.parametrize(
    ("refused", "problems", "force", "failed", "moved"),
    [
        ("", [], False, "", ["1.11.0"]),
        ("", ["nodes: none", "files: old"], False, "nodes: none; files: old", []),
        ("", ["nodes: none", "files: old"], True, "", ["1.11.0"]),
        ("there is no way", [], False, "there is no way", []),
        ("there is no way", [], True, "there is no way", []),
    ],
)
def test_an_upgrade_with_something_in_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str, problems: list[str],
    force: bool, failed: str, moved: list[str],
) -> None:  # fmt: skip
    """Nothing moves unless forced; where upstream has no way, force is none."""
    told, went, results = upgraded(tmp_path, monkeypatch, refused, problems, force)

    assert (told, went) == (failed, moved)
    assert results
    assert json.loads(results["problems"]) == ([refused] if refused else []) + problems
