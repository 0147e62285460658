"""The charm's work with its roles, and the work for which its leader is an administrator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.fake_apis.guarded_api import GuardedApi
from helpers.fake_apis.metallb_api import EveryKindApi
from labkube.client.access import Access
from labkube.client.identity import ADMIN_GROUP, Identity, narrow_identity

CHARM = Path(__file__).resolve().parents[3] / "charms/metallb"
MODEL = testing.Model("lab", uuid="12345678-90ab-4def-8234-567890abcdef")
NARROW = narrow_identity("metallb.12345678", "metallb/0")
TOKENS = {"client_token": "root", "kubelet_token": "narrow"}
BAG = {
    "creds": json.dumps({NARROW.user: TOKENS}),
    "api-endpoints": '["https://10.0.0.5:6443"]',
}
CA = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
OPTIONS = {"addresses": "10.0.0.10-10.0.0.19", "version": "v0.9.8"}


@pytest.fixture
def server() -> EveryKindApi:
    """Return an empty server."""
    return EveryKindApi((1, 19))


@pytest.fixture
def groups() -> list[str]:
    """Return the groups of all connections."""
    return []


@pytest.fixture
def context(
    server: EveryKindApi, groups: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> testing.Context[Any]:
    """Return a context of the charm on a cluster that authorizes requests."""

    def connect(access: Access, *_: Any, **__: Any) -> Any:
        tokens = {"root": Identity("admin", ADMIN_GROUP), "narrow": NARROW}
        groups.append(tokens[access.token].group)
        return GuardedApi(server, tokens[access.token])

    monkeypatch.setenv("METALLB_ROOT", str(tmp_path))
    module = load("metallb")
    monkeypatch.setattr("labkube.charm.cluster.Api", connect)
    return testing.Context(module.MetallbCharm, charm_root=CHARM)


def state(units: int = 1, **options: str) -> testing.State:
    """Return the state of a related unit that leads."""
    relations = {
        testing.Relation("kube-control", remote_units_data={0: BAG}),
        testing.Relation("certificates", remote_units_data={0: {"ca": CA}}),
        testing.PeerRelation("units"),
    }
    config: Any = {**OPTIONS, **options}
    return testing.State(
        leader=True, planned_units=units, config=config, model=MODEL, relations=relations
    )


@pytest.fixture
def installed(context: testing.Context[Any], groups: list[str]) -> None:
    """Install MetalLB."""
    context.run(context.on.install(), state())
    assert groups[:3] == [NARROW.group, ADMIN_GROUP, NARROW.group]
    groups.clear()


@pytest.mark.usefixtures("installed")
def test_changes_within_a_release_need_no_administrator(
    context: testing.Context[Any], server: EveryKindApi, groups: list[str]
) -> None:
    """Other pools, and a workload that somebody deleted."""
    for key in [key for key in server.objects if key[1] == "DaemonSet"]:
        del server.objects[key]
    server.writes.clear()
    context.run(context.on.config_changed(), state(addresses="10.0.0.30-10.0.0.39"))

    assert groups == [NARROW.group]
    assert {"PUT DaemonSet speaker", "PUT ConfigMap config"} <= set(server.writes)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["list-objects", "verify", "sync-objects", "remove-objects"])
def test_actions_need_no_administrator(
    context: testing.Context[Any], server: EveryKindApi, groups: list[str], name: str
) -> None:
    server.run_workloads("n1")
    context.run(context.on.action(name), state())

    assert set(groups) == {NARROW.group}


@pytest.mark.usefixtures("installed")
def test_another_release_is_applied_as_an_administrator(
    context: testing.Context[Any], server: EveryKindApi, groups: list[str]
) -> None:
    """Its roles differ, and nobody may create a role with more rights than they have."""
    context.run(context.on.config_changed(), state(version="v0.12.1"))

    assert groups[:3] == [NARROW.group, ADMIN_GROUP, NARROW.group]
    assert "PUT Role controller" in server.writes


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("event", ["stop", "remove-objects"])
def test_roles_go_with_the_last_object(
    context: testing.Context[Any], server: EveryKindApi, groups: list[str], event: str
) -> None:
    """Without relations, and without an administrator."""
    if event == "stop":
        leaving = testing.State(leader=True, planned_units=0, config=OPTIONS, model=MODEL)
        context.run(context.on.stop(), leaving)
    else:
        context.run(context.on.action(event), state())

    # The server deletes what the role owns.
    name = f"lab-charms:{NARROW.group.partition(':')[2]}"
    left = sorted((kind, where) for _, kind, where, _ in server.objects)
    assert ("ClusterRole", "", name) not in {(key[1], key[2], key[3]) for key in server.objects}
    assert {kind for kind, _ in left} <= {"ClusterRole", "ClusterRoleBinding", "RoleBinding"}
    assert ADMIN_GROUP not in groups


@pytest.mark.usefixtures("installed")
def test_removed_objects_return_with_their_roles(
    context: testing.Context[Any], server: EveryKindApi, groups: list[str]
) -> None:
    """sync-objects reports what the administrator created."""
    context.run(context.on.action("remove-objects"), state())
    for key in [key for key in server.objects if "lab-charms" in key[3]]:
        del server.objects[key]  # as the garbage collector does
    groups.clear()
    context.run(context.on.action("sync-objects"), state())

    assert ADMIN_GROUP in groups
    results: Any = context.action_results
    assert "DaemonSet metallb-system/speaker" in json.loads(results["created"])


def test_blocked_installation_grants_nothing(
    context: testing.Context[Any], server: EveryKindApi
) -> None:
    """The preflight checks come first."""
    network = {"metadata": {"name": "n"}, "spec": {"podCIDR": "10.0.0.0/24"}, "status": {}}
    server.objects["", "Node", "", "n"] = {"apiVersion": "v1", "kind": "Node", **network}
    out = context.run(context.on.install(), state())

    assert out.unit_status.name == "blocked"
    assert [key[1] for key in server.objects] == ["Node"]
