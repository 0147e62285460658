"""The status and relation data of the charm by ops' own testing tools, without a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.kubeconfigs import unverified

CHARM = Path(__file__).resolve().parents[3] / "charms/metallb"
KUBE_CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
CONFIG = {"addresses": "192.168.1.240-192.168.1.250"}


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is a directory."""
    monkeypatch.setenv("METALLB_ROOT", str(tmp_path / "root"))
    return testing.Context(load("metallb").MetallbCharm, charm_root=CHARM)


def test_without_pools_the_unit_is_blocked(context: testing.Context) -> None:
    """The status names the option to set, whatever else is missing."""
    out = context.run(context.on.install(), testing.State(leader=True))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert out.unit_status.message.startswith("no address pool; set addresses")


def test_kube_control_request_names_unit_and_group(context: testing.Context) -> None:
    """The status names every part of the access that is missing."""
    state = testing.State(leader=True, relations={KUBE_CONTROL}, config=CONFIG)
    out = context.run(context.on.relation_joined(KUBE_CONTROL, remote_unit=0), state)

    bag = out.get_relation(KUBE_CONTROL.id).local_unit_data
    assert bag["kubelet_user"] == "metallb/0"
    assert bag["auth_group"] == "system:masters"
    assert isinstance(out.unit_status, testing.WaitingStatus)
    assert "no credentials from kube-control" in out.unit_status.message
    assert "no CA certificate" in out.unit_status.message


def test_kubeconfig_without_tls_verification_blocks(context: testing.Context) -> None:
    """The status contains nothing of the kubeconfig."""
    config = {**CONFIG, "kubeconfig": unverified("hunter2")}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "insecure-skip-tls-verify" in out.unit_status.message
    assert "hunter2" not in str(out.unit_status)


def test_unit_that_is_not_the_leader_is_active(context: testing.Context) -> None:
    """Only the leader unit applies objects."""
    out = context.run(context.on.config_changed(), testing.State(leader=False, config=CONFIG))

    assert out.unit_status == testing.ActiveStatus("the leader unit manages MetalLB")


@pytest.mark.parametrize("name", ["sync-objects", "remove-objects"])
def test_writing_actions_fail_without_leadership(context: testing.Context, name: str) -> None:
    """The message says where to run them."""
    with pytest.raises(testing.ActionFailed, match="only the leader"):
        context.run(context.on.action(name), testing.State(leader=False, config=CONFIG))


@pytest.mark.parametrize("name", ["verify", "list-objects", "sync-objects", "remove-objects"])
def test_actions_without_a_cluster_fail(context: testing.Context, name: str) -> None:
    """The message names the relation that is missing."""
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action(name), testing.State(leader=True, config=CONFIG))


def test_remove_objects_needs_no_options(context: testing.Context) -> None:
    """Options that cannot be used do not prevent the removal; access is what is missing here."""
    config = {"addresses": "", "log-level": "loud"}
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action("remove-objects"), testing.State(leader=True, config=config))
