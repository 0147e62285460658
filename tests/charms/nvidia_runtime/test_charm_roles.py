"""The charm's rights on a cluster: what it requests, grants, uses and gives back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ops import testing

from helpers.fake_apis.guarded_api import GuardedApi
from helpers.gpu_lab import NODE, Cluster, Lab, state
from labkube.client.access import Access
from labkube.client.api import ApiError
from labkube.client.identity import ADMIN_GROUP, Identity, narrow_identity
from nvidia_runtime.cluster.node import node_reference

APPLICATION = "nvidia-runtime.12345678"
USERS = [narrow_identity(APPLICATION, f"nvidia-runtime/{number}") for number in (0, 1)]
CREDENTIALS = {
    identity.user: {"client_token": "root", "kubelet_token": identity.user} for identity in USERS
}
CA = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
KUBECONFIG = "/var/lib/nvidia-runtime/kubeconfig"


@pytest.fixture(autouse=True)
def authorization(context: Any, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the cluster authorize requests; return the groups of all connections."""
    groups: list[str] = []

    def connect(access: Access, *_: Any, **__: Any) -> Any:
        identities = {"root": Identity("admin", ADMIN_GROUP)}
        identity = identities.get(access.token) or Identity(access.token, USERS[0].group)
        groups.append(identity.group)
        return GuardedApi(cluster, identity)

    monkeypatch.setattr("labkube.charm.cluster.Api", connect)
    return groups


def related(before: testing.State, nodes: dict[int, str] | None = None) -> testing.State:
    """Relate a unit to a control plane that has answered, and to its peers on some nodes."""
    bag = {"creds": json.dumps(CREDENTIALS), "api-endpoints": '["https://10.0.0.5:6443"]'}
    peers: dict[int, Any] = {number: {"node": node} for number, node in (nodes or {}).items()}
    relations = {
        testing.Relation("kube-control", remote_units_data={0: bag}),
        testing.Relation("certificates", remote_units_data={0: {"ca": CA}}),
        testing.PeerRelation("units", peers_data=peers),
    }
    config: Any = {**before.config, "kubeconfig": ""}
    return replace(before, relations=relations, config=config)


def request(out: testing.State) -> Any:
    """Return what the unit requests on kube-control."""
    (relation,) = out.get_relations("kube-control")
    return relation.local_unit_data.get("kubelet_user", "")


def own_roles(cluster: Cluster) -> list[str]:
    """Return the names of the roles, without the application's."""
    prefix = f"lab-charms:{APPLICATION}"
    return sorted(key[3].replace(prefix, "") for key in cluster.objects if key[1] == "ClusterRole")


def test_leader_grants_roles_and_works_without_an_administrators_rights(
    context: testing.Context[Any], lab: Lab, cluster: Cluster, authorization: list[str]
) -> None:
    """It applies the plugin as an administrator, labels its node, and stores the narrow token."""
    out = context.run(context.on.update_status(), related(state(), {1: "n1"}))

    assert out.unit_status.name == "active"
    assert authorization[:3] == [USERS[0].group, ADMIN_GROUP, USERS[0].group]
    assert own_roles(cluster) == ["", ":device-plugin", ":unit-0", ":unit-1"]
    assert cluster.node_labels["gpu"] == "true"
    assert request(out) == USERS[0].user
    (peers,) = out.get_relations("units")
    assert peers.local_unit_data["node"] == NODE
    granted = {"nvidia-runtime/0": NODE, "nvidia-runtime/1": "n1"}
    assert json.loads(peers.local_app_data["granted-nodes"]) == granted, "wakes the other units"
    stored = lab.read(KUBECONFIG) or ""
    assert USERS[0].user in stored
    assert "root" not in stored

    authorization.clear()
    cluster.writes.clear()
    context.run(context.on.update_status(), related(state(), {1: "n1"}))
    assert (authorization, cluster.writes) == ([USERS[0].group], [])


def test_unit_may_label_its_own_node_alone(
    context: testing.Context[Any], cluster: Cluster
) -> None:
    context.run(context.on.update_status(), related(state(), {1: "n1"}))

    patch = {"metadata": {"labels": {"a": "b"}}}
    GuardedApi(cluster, USERS[0]).patch(node_reference(NODE), patch)
    with pytest.raises(ApiError, match="cannot patch"):
        GuardedApi(cluster, USERS[1]).patch(node_reference(NODE), patch)


def test_changed_option_is_applied_as_an_administrator(
    context: testing.Context[Any], cluster: Cluster, authorization: list[str]
) -> None:
    """Whoever may change a DaemonSet of kube-system may do everything there."""
    context.run(context.on.update_status(), related(state()))
    authorization.clear()
    before = related(state(image_registry="reg.lab"))
    assert context.run(context.on.config_changed(), before).unit_status.name == "active"

    assert authorization[:3] == [USERS[0].group, ADMIN_GROUP, USERS[0].group]


def test_unit_that_does_not_lead_awaits_its_role(
    context: testing.Context[Any], authorization: list[str]
) -> None:
    out = context.run(context.on.update_status(), related(state(leader=False)))

    assert out.unit_status == testing.WaitingStatus(
        "cluster: the leader unit has yet to grant this unit's rights on the cluster"
    )
    assert authorization == [USERS[0].group]


def test_unit_without_work_requests_nothing(context: testing.Context[Any], lab: Lab) -> None:
    """Neither is it the leader, nor does its machine have a GPU."""
    lab.write("/sys/bus/pci/devices/0000:0b:00.0/vendor", "0x1002\n")
    out = context.run(context.on.update_status(), related(state(leader=False)))

    assert request(out) == ""


def test_leaving_unit_gives_its_role_back(
    context: testing.Context[Any], lab: Lab, cluster: Cluster
) -> None:
    """The roles of all units go with the application."""
    context.run(context.on.update_status(), related(state(), {1: "n1"}))
    context.run(context.on.stop(), state(units=1, kubeconfig=""))
    assert own_roles(cluster) == ["", ":device-plugin", ":unit-1"]
    assert cluster.node_labels == {"zone": "a"}

    context.run(context.on.update_status(), related(state(), {1: "n1"}))
    context.run(context.on.stop(), state(units=0, kubeconfig=""))
    # The server deletes the role `device-plugin` with its owner.
    assert own_roles(cluster) == [":device-plugin", ":unit-1"]
    assert not [key for key in cluster.objects if key[1] == "DaemonSet"]
    assert lab.read(KUBECONFIG) is None


@pytest.mark.parametrize("suffix", ["", ":unit-0"])
def test_removal_continues_after_a_kill_between_the_roles(
    context: testing.Context[Any], lab: Lab, cluster: Cluster, suffix: str
) -> None:
    """What the unit may still remove is removed."""
    context.run(context.on.update_status(), related(state()))
    name = f"lab-charms:{APPLICATION}{suffix}"
    del cluster.objects["rbac.authorization.k8s.io", "ClusterRole", "", name]
    context.run(context.on.remove(), state(units=0, kubeconfig=""))

    assert own_roles(cluster) == [":device-plugin"]
    is_labelled = "gpu" in cluster.node_labels
    has_plugin = any(key[1] == "DaemonSet" for key in cluster.objects)
    assert (is_labelled, has_plugin) == ((False, True) if not suffix else (True, False))
    assert lab.read(KUBECONFIG) is None


@pytest.mark.parametrize("event", ["relation_changed", "relation_departed"])
def test_change_of_the_peers_changes_the_roles(
    context: testing.Context[Any], cluster: Cluster, event: str
) -> None:
    before = related(state(), {1: "n1"})
    context.run(context.on.update_status(), before)
    after = related(state(), {1: "n9"})
    (peers,) = after.get_relations("units")
    if event == "relation_departed":
        occurrence = context.on.relation_departed(peers, remote_unit=1, departing_unit=1)
    else:
        occurrence = context.on.relation_changed(peers, remote_unit=1)
    context.run(occurrence, after)

    name = f"lab-charms:{APPLICATION}:unit-1"
    live = cluster.objects.get(("rbac.authorization.k8s.io", "ClusterRole", "", name))
    nodes = [rule.get("resourceNames") for rule in (live or {}).get("rules", [])]
    assert (["n9"] in nodes) == (event == "relation_changed")
    assert (live is None) == (event == "relation_departed")
