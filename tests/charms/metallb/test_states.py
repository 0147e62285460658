"""State transitions of charm.py by ops' own testing tools, without a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.kubeconfigs import unverified

CHARM = Path(__file__).resolve().parents[3] / "charms/metallb"
CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
GUIDE = {"addresses": "192.168.1.240-192.168.1.250"}


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is a folder."""
    monkeypatch.setenv("METALLB_ROOT", str(tmp_path / "root"))
    return testing.Context(load("metallb").MetallbCharm, charm_root=CHARM)


def test_needs_pools(context: testing.Context) -> None:
    """Blocked with the option to set, whatever else is missing."""
    out = context.run(context.on.install(), testing.State(leader=True))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert out.unit_status.message.startswith("no address pool; set addresses")


def test_asks_the_control_plane(context: testing.Context) -> None:
    """Publishes who it is, and names every piece that is missing."""
    state = testing.State(leader=True, relations={CONTROL}, config=GUIDE)
    out = context.run(context.on.relation_joined(CONTROL, remote_unit=0), state)

    bag = out.get_relation(CONTROL.id).local_unit_data
    assert bag["kubelet_user"] == "metallb/0"
    assert bag["auth_group"] == "system:masters"
    assert isinstance(out.unit_status, testing.WaitingStatus)
    assert "no credentials from kube-control" in out.unit_status.message
    assert "no CA certificate" in out.unit_status.message


def test_a_kubeconfig_that_does_not_verify(context: testing.Context) -> None:
    """Blocked, without a word of what is in it."""
    config = {**GUIDE, "kubeconfig": unverified("hunter2")}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "insecure-skip-tls-verify" in out.unit_status.message
    assert "hunter2" not in str(out.unit_status)


def test_units_beside_the_leader_rest(context: testing.Context) -> None:
    """One unit applies."""
    out = context.run(context.on.config_changed(), testing.State(leader=False, config=GUIDE))

    assert out.unit_status == testing.ActiveStatus("the leader looks after MetalLB")


@pytest.mark.parametrize("name", ["sync-objects", "remove-objects"])
def test_writing_actions_need_the_leader(context: testing.Context, name: str) -> None:
    """Elsewhere they fail, and say where to run them."""
    with pytest.raises(testing.ActionFailed, match="only the leader"):
        context.run(context.on.action(name), testing.State(leader=False, config=GUIDE))


@pytest.mark.parametrize("name", ["verify", "list-objects", "sync-objects", "remove-objects"])
def test_actions_without_a_cluster_fail_plainly(context: testing.Context, name: str) -> None:
    """With the piece that is missing."""
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action(name), testing.State(leader=True, config=GUIDE))
