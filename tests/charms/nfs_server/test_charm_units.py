"""Which of several units serves, as the charm decides it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.nfs.defaults import CHARM
from helpers.nfs.lab import LOCAL_ADDRESS, Lab
from helpers.nfs.storage_api import KilledError
from labkube.client.access import Access
from labkube.client.kubeconfig import render

CONTROL_PLANE = testing.Relation("kube-control", remote_app_name="kubernetes-master")
LOGIN = testing.Relation("filesystem", remote_app_name="login")
EMPTY_PEER = testing.PeerRelation("servers", peers_data={1: {"holds-data": "false"}})
HOLDING_PEER = testing.PeerRelation("servers", peers_data={1: {"holds-data": "true"}})
SILENT_PEER = testing.PeerRelation("servers", peers_data={1: {}})
NO_PEER = testing.PeerRelation("servers", peers_data={})
STANDS_BY = "nfs-server/1 serves, and this unit's data would differ: remove this unit"
WITH_AND_WITHOUT_CLUSTER = pytest.mark.parametrize(
    "cluster", [(), (CONTROL_PLANE,)], ids=["alone", "cluster"]
)


def unit_state(is_leader: bool, units: int, *relations: Any, **options: Any) -> testing.State:
    """Return the state of a unit."""
    return testing.State(
        leader=is_leader, planned_units=units, relations=set(relations), config=options
    )


def run_hook(context: testing.Context, state: testing.State) -> testing.State:
    """Run update-status, or the hook of a new leader."""
    event = context.on.leader_elected() if state.leader else context.on.update_status()
    return context.run(event, state)


@WITH_AND_WITHOUT_CLUSTER
@pytest.mark.parametrize("is_leader", [True, False])
def test_unit_with_the_data_serves(
    context: testing.Context, lab: Lab, cluster: tuple[Any, ...], is_leader: bool
) -> None:
    """Whichever unit is the leader."""
    lab.paths = ["/nfsroot"]

    out = run_hook(context, unit_state(is_leader, 2, EMPTY_PEER, *cluster))

    assert lab.steps[:2] == ["prepare", "export /nfsroot"]
    assert isinstance(out.unit_status, testing.ActiveStatus)
    assert out.get_relation(EMPTY_PEER.id).local_unit_data["holds-data"] == "true"


@WITH_AND_WITHOUT_CLUSTER
@pytest.mark.parametrize("is_leader", [True, False])
def test_unit_without_the_data_stands_by(
    context: testing.Context, lab: Lab, cluster: tuple[Any, ...], is_leader: bool
) -> None:
    """Also the leader: it exports nothing and publishes nothing to related applications."""
    out = run_hook(context, unit_state(is_leader, 2, HOLDING_PEER, LOGIN, *cluster))

    assert lab.steps == []
    assert (out.unit_status.name, out.unit_status.message) == ("blocked", STANDS_BY)
    assert out.get_relation(LOGIN.id).local_app_data == {}
    assert out.get_relation(HOLDING_PEER.id).local_unit_data["holds-data"] == "false"


@pytest.mark.parametrize("is_leader", [True, False])
def test_leader_that_stands_by_keeps_access_to_the_cluster(
    context: testing.Context, tmp_path: Path, is_leader: bool
) -> None:
    """The leader deletes the objects when the application is removed."""
    config = render(Access("https://10.0.0.1:6443", "a CA", "a token"))
    run_hook(context, unit_state(is_leader, 2, HOLDING_PEER, kubeconfig=config))

    file = tmp_path / "var/lib/nfs-server-charm/kubeconfig"
    assert (file.read_text() if file.exists() else "") == (f"{config}\n" if is_leader else "")


@pytest.mark.parametrize("peers", [(), (SILENT_PEER,)], ids=["none", "silent"])
def test_no_unit_begins_before_all_have_published(
    context: testing.Context, lab: Lab, peers: tuple[Any, ...]
) -> None:
    """Another unit may hold data."""
    out = run_hook(context, unit_state(True, 2, *peers))

    assert (out.unit_status.name, lab.steps) == ("waiting", [])
    assert "have not published yet whether one of them holds data" in out.unit_status.message


def test_no_action_begins_before_all_have_published(context: testing.Context, lab: Lab) -> None:
    """For the same reason, with the same message."""
    message = "have not published yet whether one of them holds data"
    with pytest.raises(testing.ActionFailed, match=message):
        context.run(context.on.action("sync-objects"), unit_state(True, 2, CONTROL_PLANE))
    assert lab.steps == []


@pytest.mark.parametrize("peers", [EMPTY_PEER, NO_PEER], ids=["without", "pending"])
def test_leader_is_the_first_to_serve(context: testing.Context, lab: Lab, peers: Any) -> None:
    """When no other unit holds data. It publishes that it does from then on."""
    out = run_hook(context, unit_state(True, 2, peers))

    assert out.unit_status.name == "active"
    assert out.get_relation(peers.id).local_unit_data["holds-data"] == "true"


def test_killed_unit_still_serves_the_data_that_it_began_with(
    context: testing.Context, lab: Lab
) -> None:
    """Juju lost what it would have published; its machine has the data, whoever leads by now."""
    lab.kills = True
    with pytest.raises(KilledError):
        run_hook(context, unit_state(True, 2, EMPTY_PEER, CONTROL_PLANE))
    assert lab.paths == ["/nfsroot"]

    out = run_hook(context, unit_state(False, 2, EMPTY_PEER, CONTROL_PLANE))

    assert out.unit_status.name == "active"
    assert out.get_relation(EMPTY_PEER.id).local_unit_data["holds-data"] == "true"


def test_remaining_unit_serves_when_the_one_with_the_data_is_removed(
    context: testing.Context, lab: Lab
) -> None:
    """With a directory of its own."""
    out = run_hook(context, unit_state(True, 1, NO_PEER))

    assert out.unit_status.name == "active"
    assert lab.steps == ["prepare", "export /nfsroot"]


@pytest.mark.parametrize("name", ["sync-objects", "remove-objects", "list-objects", "verify"])
def test_actions_fail_on_a_unit_that_stands_by(
    context: testing.Context, lab: Lab, name: str
) -> None:
    """The failure names the serving unit; nothing is written."""
    with pytest.raises(testing.ActionFailed, match=r"nfs-server/1 serves and \w+ objects"):
        context.run(context.on.action(name), unit_state(True, 2, HOLDING_PEER, CONTROL_PLANE))
    assert lab.steps == []


def test_serving_unit_runs_actions_without_being_the_leader(
    context: testing.Context, lab: Lab
) -> None:
    """Only the serving unit can export before it applies."""
    lab.paths = ["/nfsroot"]
    state = unit_state(False, 2, EMPTY_PEER, CONTROL_PLANE)
    context.run(context.on.action("sync-objects"), state)
    assert f"apply {LOCAL_ADDRESS}:/nfsroot" in lab.steps


def test_first_of_two_units_with_data_serves(context: testing.Context, lab: Lab) -> None:
    """As after a move by hand. The other one names it and changes nothing."""
    lab.paths = ["/nfsroot"]
    assert run_hook(context, unit_state(False, 2, HOLDING_PEER)).unit_status.name == "active"

    lab.steps.clear()
    first = testing.PeerRelation("servers", peers_data={0: {"holds-data": "true"}})
    second = testing.Context(load("nfs-server").NfsServerCharm, charm_root=CHARM, unit_id=1)
    status = run_hook(second, unit_state(True, 2, first)).unit_status
    assert status.message == (
        "nfs-server/0 holds data too; find out which unit clients mount, and remove the other"
    )
    assert lab.steps == []
