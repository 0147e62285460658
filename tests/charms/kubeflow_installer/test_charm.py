"""The unit's status after hooks, by ops' own testing tools, without a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ops import testing

from helpers.kubeconfigs import unverified
from kubeflow_installer.preflight.problems import CLUSTER_CHECKS, BlockingChecksError, Problem
from kubeflow_installer.reconcile import loop
from labcharm.errors import WaitingError

CHARM = Path(__file__).resolve().parents[3] / "charms/kubeflow-installer"
CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
PEER = testing.PeerRelation("installers")


def test_kube_control_request_names_unit_and_group(context: testing.Context) -> None:
    """The status names everything that the relation does not provide yet."""
    state = testing.State(leader=True, relations={CONTROL, PEER})
    out = context.run(context.on.relation_joined(CONTROL, remote_unit=0), state)

    bag = out.get_relation(CONTROL.id).local_unit_data
    assert bag["kubelet_user"] == "kubeflow-installer/0"
    assert bag["auth_group"] == "system:masters"
    assert isinstance(out.unit_status, testing.WaitingStatus)
    assert "credentials" in out.unit_status.message
    assert "CA certificate" in str(context.juju_log)  # the status ends before


def test_unit_that_does_not_lead_has_no_credentials(
    context: testing.Context, tmp_path: Path
) -> None:
    """It withdraws the request of an earlier release, and removes a former leader's kubeconfig."""
    kubeconfig = tmp_path / "root/var/lib/kubeflow-installer-charm/kubeconfig"
    kubeconfig.parent.mkdir(parents=True)
    kubeconfig.write_text("{}")
    before = {"kubelet_user": "kubeflow-installer/1", "auth_group": "system:masters"}
    control = testing.Relation("kube-control", local_unit_data=before)
    state = testing.State(leader=False, planned_units=2, relations={control, PEER})
    out = context.run(context.on.update_status(), state)

    bag = out.get_relation(control.id).local_unit_data
    assert not {"kubelet_user", "auth_group"} & set(bag)
    assert not kubeconfig.exists()


@pytest.mark.parametrize("name", ["get-url", "list-images"])
def test_actions_that_read_the_cluster_run_on_the_leader(
    context: testing.Context, name: str
) -> None:
    with pytest.raises(testing.ActionFailed, match="run the action on the leader unit"):
        context.run(context.on.action(name), testing.State(leader=False, relations={PEER}))


def test_invalid_options_block_whatever_else_is_missing(context: testing.Context) -> None:
    """The status describes all of them."""
    config = {"user": "nobody", "hostname": "10.0.0.1"}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "user is 'nobody'" in out.unit_status.message
    assert "hostname is '10.0.0.1'" in out.unit_status.message


def test_kubeconfig_without_verification_blocks(context: testing.Context) -> None:
    """The status quotes nothing of the kubeconfig."""
    config = {"kubeconfig": unverified("hunter2")}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "option kubeconfig: " in out.unit_status.message
    assert "insecure-skip-tls-verify" in out.unit_status.message
    assert "hunter2" not in str(out.unit_status)


def test_only_the_leader_unit_applies_objects(context: testing.Context) -> None:
    out = context.run(context.on.config_changed(), testing.State(leader=False))

    assert out.unit_status == testing.ActiveStatus("the leader unit manages Kubeflow")


def test_uninstalled_application_stays_uninstalled(context: testing.Context) -> None:
    """Until the action install runs, whichever unit is the leader."""
    peer = testing.PeerRelation("installers", local_app_data={"removed": "true"})
    state = testing.State(leader=True, relations={peer})
    out = context.run(context.on.update_status(), state)

    message = 'uninstalled by action; run the action "install" to reinstall'
    assert out.unit_status == testing.BlockedStatus(message)


def test_unused_revision_of_the_own_secret_is_deleted(context: testing.Context) -> None:
    """Otherwise the old passwords stay in Juju for ever."""
    secret = testing.Secret({"password": "new"}, label="credentials", owner="app")
    for name in ("_tracked_revision", "_latest_revision"):  # the tools have no argument for these
        object.__setattr__(secret, name, 2)
    state = testing.State(leader=True, secrets={secret}, relations={PEER})
    context.run(context.on.secret_remove(secret, revision=1), state)

    assert context.removed_secret_revisions == [1]


@pytest.mark.parametrize("before", [testing.WaitingStatus("w"), testing.BlockedStatus("b")])
def test_status_does_not_change_twice_in_a_hook(
    charm: Any, monkeypatch: pytest.MonkeyPatch, before: testing.BlockedStatus
) -> None:
    """Otherwise everybody who watches the model sees each hook as two changes."""
    monkeypatch.setattr(loop, "reconcile", refuse)
    context = testing.Context(with_fake_cluster(charm), charm_root=CHARM)
    state = testing.State(leader=True, relations={PEER}, unit_status=before)
    out = context.run(context.on.update_status(), state)

    assert context.unit_status_history == [before]
    assert out.unit_status == testing.WaitingStatus("later")


def test_first_hook_shows_that_the_charm_works(
    charm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "reconcile", refuse)
    context = testing.Context(with_fake_cluster(charm), charm_root=CHARM)
    context.run(context.on.install(), testing.State(leader=True, relations={PEER}))

    assert testing.MaintenanceStatus("checking the cluster") in context.unit_status_history


def refuse(*_: object) -> str:
    """Play a reconcile step that waits."""
    raise WaitingError("later")


def with_fake_cluster(charm: Any) -> Any:
    """Return the charm with a cluster that is never asked anything."""

    class FakeClusterCharm(charm):  # type: ignore[misc]
        """The charm; nothing connects to a cluster."""

        @contextmanager
        def _kubeflow(self, *_: Any) -> Iterator[SimpleNamespace]:
            yield SimpleNamespace()

    FakeClusterCharm.__module__ = charm.__module__
    return FakeClusterCharm


def test_status_of_many_failed_checks_names_them(
    charm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 110 characters, which is what `juju status` shows; the log and actions have all."""
    problems = [Problem(name, "something is wrong; " + "do this " * 20) for name in CLUSTER_CHECKS]

    def fail(*_: object) -> str:
        raise BlockingChecksError(problems[:3])

    monkeypatch.setattr(loop, "reconcile", fail)
    context = testing.Context(with_fake_cluster(charm), charm_root=CHARM)
    state = testing.State(leader=True, relations={PEER})
    out = context.run(context.on.update_status(), state)

    assert out.unit_status == testing.BlockedStatus(
        "3 checks failed: admin, storage-class, load-balancer; the log has their fixes"
    )
    assert str(problems[2]) in str(context.juju_log)
    with pytest.raises(testing.ActionFailed, match="do this do this"):
        context.run(context.on.action("install"), state)
