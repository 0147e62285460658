"""The charm's hooks and actions on a cluster in memory."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.fake_apis.metallb_api import EveryKindApi
from helpers.kubeconfigs import kubeconfig_text

CHARM = Path(__file__).resolve().parents[3] / "charms/metallb"
NAMESPACE = "metallb-system"
KUBECONFIG = "root/var/lib/metallb-charm/kubeconfig"
MODEL = testing.Model("lab", uuid="12345678-90ab-4def-8234-567890abcdef")
OPTIONS = {
    "addresses": "10.0.0.10-10.0.0.19",
    "version": "v0.9.8",
    "kubeconfig": kubeconfig_text(),
}
NOT_READY = "MetalLB v0.9.8: DaemonSet metallb-system/speaker is not scheduled yet and 1 more"
REMOVED = 'removed by action; run the action "sync-objects" to reinstall'
NUMBER = 17  # of the release's objects


@pytest.fixture
def api() -> EveryKindApi:
    """Return an empty server."""
    return EveryKindApi((1, 19))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the file of the messages that the charm logs."""
    return tmp_path / "log"


@pytest.fixture
def context(
    api: EveryKindApi, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> testing.Context[Any]:
    """Return a context of the charm on this cluster."""
    program = tmp_path / "juju-log"
    program.write_text(f'#!/bin/sh\necho "$*" >> {log}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("METALLB_ROOT", str(tmp_path / "root"))
    module = load("metallb")
    monkeypatch.setattr("labkube.charm.cluster.Api", lambda *_, **__: api)
    return testing.Context(module.MetallbCharm, charm_root=CHARM)


def state(units: int = 1, leader: bool = True, **options: str) -> testing.State:
    """Return the state of a unit that has a cluster."""
    config = {**OPTIONS, **options}
    return testing.State(
        leader=leader,
        planned_units=units,
        config=config,
        model=MODEL,
        relations={testing.PeerRelation("units")},
    )


def add(api: EveryKindApi, kind: str, name: str, **fields: Any) -> None:
    """Add an object in MetalLB's namespace that the charm did not create."""
    metadata = {"name": name, "namespace": NAMESPACE}
    api_version = "apps/v1" if kind == "Deployment" else "v1"
    api.create({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields})


def add_service(api: EveryKindApi, address: str) -> None:
    """Add a service that has an address."""
    ingress = {"loadBalancer": {"ingress": [{"ip": address}] if address else []}}
    add(api, "Service", "web", spec={"type": "LoadBalancer"}, status=ingress)


def results(context: testing.Context[Any]) -> dict[str, Any]:
    """Return the results of the action, which are JSON."""
    return {key: json.loads(text) for key, text in (context.action_results or {}).items()}


@pytest.mark.parametrize(
    "event", ["install", "upgrade_charm", "config_changed", "start", "update_status",
              "leader_elected"],
)  # fmt: skip
def test_every_hook_applies_and_shows_what_is_not_ready(
    context: testing.Context[Any], api: EveryKindApi, tmp_path: Path, event: str
) -> None:
    out = context.run(getattr(context.on, event)(), state())

    assert out.unit_status == testing.WaitingStatus(NOT_READY)
    assert out.workload_version == "v0.9.8"
    assert len(api.objects) == NUMBER
    assert (tmp_path / KUBECONFIG).exists()


def test_unit_is_active_when_the_workloads_are_ready(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    context.run(context.on.install(), state())
    api.run_workloads("n1", "n2")
    add_service(api, "10.0.0.11")
    out = context.run(context.on.update_status(), state())

    assert out.unit_status == testing.ActiveStatus(
        "MetalLB v0.9.8, pool default, 1 of 10 addresses used"
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", testing.WaitingStatus("metallb-system/web waits for an address: run kubectl describe"
                                   " on it if it stays")),
        ("10.9.9.9", testing.WaitingStatus("metallb-system/web has 10.9.9.9 of no pool; remove the"
                                           " other load balancer")),
    ],
)  # fmt: skip
def test_service_without_an_address_of_the_pool_waits(
    context: testing.Context[Any], api: EveryKindApi, address: str, status: testing.WaitingStatus
) -> None:
    context.run(context.on.install(), state())
    api.run_workloads("n1")
    add_service(api, address)

    assert context.run(context.on.update_status(), state()).unit_status == status


def test_unit_is_blocked_while_no_node_can_announce(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    """A DaemonSet that no node matches reports 0 of 0 pods as ready."""
    context.run(context.on.install(), state())
    api.run_workloads()
    out = context.run(context.on.update_status(), state())

    assert out.unit_status == testing.BlockedStatus(
        "no node runs a ready speaker; check the options node-selector and tolerations"
    )


def test_pool_in_no_subnet_of_a_node_is_doubted(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    """The node's address is in the network of the unit, whose prefix Juju knows."""
    context.run(context.on.install(), state(addresses="192.0.3.0/28"))
    api.run_workloads("n1")
    node = api.objects["", "Node", "", "n1"]
    node["status"] = {"addresses": [{"type": "InternalIP", "address": "192.0.2.7"}]}
    address = testing.Address("192.0.2.9", cidr="192.0.2.0/24")
    network = testing.Network("units", [testing.BindAddress([address])])
    bound = dataclasses.replace(state(addresses="192.0.3.0/28"), networks={network})
    out = context.run(context.on.update_status(), bound)

    assert out.unit_status == testing.ActiveStatus(
        "doubt: 192.0.3.0/28 of pool default is in no node's subnet"
    )


def test_other_metallb_blocks_before_anything_is_applied(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    labels = {"app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": "controller"}
    metadata = {"name": "metallb-controller", "namespace": "other", "labels": labels}
    api.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata})
    out = context.run(context.on.install(), state())

    assert out.unit_status == testing.BlockedStatus(
        "another MetalLB: other/metallb-controller; remove it (charm k8s:"
        " load-balancer-enabled=false)"
    )
    assert len(api.objects) == 1


def test_pool_in_the_network_of_the_services_blocks(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    api.service_network = "10.0.0.0/24"
    out = context.run(context.on.config_changed(), state())

    assert out.unit_status.name == "blocked"
    assert "overlaps the services' network 10.0.0.0/24" in out.unit_status.message
    assert api.objects == {}


def test_sync_objects_takes_addresses_only_by_force(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    context.run(context.on.install(), state())
    add_service(api, "10.0.0.11")
    changed = state(addresses="10.0.1.0/28")
    message = (
        "services would lose their address; keep it, or sync-objects force=true:"
        " metallb-system/web (10.0.0.11)"
    )
    out = context.run(context.on.config_changed(), changed)
    assert out.unit_status == testing.BlockedStatus(message)
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("sync-objects"), changed)
    assert raised.value.message == message
    assert context.action_results is None

    context.run(context.on.action("sync-objects", params={"force": True}), changed)
    assert results(context) == {
        "ok": True,
        "created": [],
        "changed": ["ConfigMap metallb-system/config"],
        "same": NUMBER - 1,
        "pruned": [],
    }


def test_sync_objects_adopts_foreign_objects(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    add(api, "Deployment", "controller")
    out = context.run(context.on.install(), state())
    assert out.unit_status == testing.BlockedStatus(
        "foreign objects: Deployment metallb-system/controller; remove them, or sync-objects"
        " adopt=true"
    )

    with pytest.raises(testing.ActionFailed, match="not made by this application"):
        context.run(context.on.action("sync-objects"), state())
    out = context.run(context.on.action("sync-objects", params={"adopt": True}), state())
    assert results(context)["changed"] == ["Deployment metallb-system/controller"]
    assert len(results(context)["created"]) == NUMBER - 1
    assert out.unit_status == testing.WaitingStatus(NOT_READY)


def test_removed_objects_stay_removed_until_the_next_synchronization(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    installed = context.run(context.on.install(), state())
    removed = context.run(context.on.action("remove-objects"), installed)
    assert results(context) == {"ok": True, "left": []}
    assert removed.unit_status == testing.BlockedStatus(REMOVED)
    assert api.objects == {}

    later = context.run(context.on.update_status(), removed)
    assert later.unit_status == testing.BlockedStatus(REMOVED)
    assert api.objects == {}
    again = context.run(context.on.action("sync-objects"), later)
    assert again.unit_status == testing.WaitingStatus(NOT_READY)
    assert len(api.objects) == NUMBER
    assert context.run(context.on.start(), again).unit_status.name == "waiting"


def test_next_leader_does_not_reinstall_removed_objects(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    """The record is in the application's data, and not in the unit that ran the action."""
    removed = context.run(context.on.action("remove-objects"), state())
    (peer,) = removed.relations
    next_leader = dataclasses.replace(state(), relations={peer})
    out = context.run(context.on.leader_elected(), next_leader)

    assert out.unit_status == testing.BlockedStatus(REMOVED)
    assert api.objects == {}


def test_removal_by_an_earlier_release_of_the_charm_counts(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    """Such a release stored it in the unit, until the next reinstallation."""
    stored = testing.StoredState("_stored", owner_path="MetallbCharm", content={"removed": True})
    refreshed = dataclasses.replace(state(), stored_states={stored})
    out = context.run(context.on.upgrade_charm(), refreshed)
    assert out.unit_status == testing.BlockedStatus(REMOVED)

    out = context.run(context.on.action("sync-objects"), out)
    assert out.unit_status == testing.WaitingStatus(NOT_READY)
    assert context.run(context.on.update_status(), out).unit_status.name == "waiting"


def test_record_of_a_removal_needs_the_peer_relation(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    """Nothing is deleted that the record could not remember."""
    context.run(context.on.install(), state())
    without = dataclasses.replace(state(), relations=frozenset())
    with pytest.raises(testing.ActionFailed, match="the peer relation units does not exist yet"):
        context.run(context.on.action("remove-objects"), without)

    assert len(api.objects) == NUMBER


def test_remove_objects_fails_if_something_remains(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    installed = context.run(context.on.install(), state())
    add(api, "ConfigMap", "mine")
    remaining = (
        "Namespace metallb-system stays, because it contains foreign objects: ConfigMap mine"
    )
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("remove-objects"), installed)

    assert raised.value.message == remaining
    assert results(context) == {"ok": False, "left": [remaining]}


def test_status_names_what_a_removal_left(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    """Foreign objects kept the namespace, or the action was killed."""
    installed = context.run(context.on.install(), state())
    namespace = api.objects["", "Namespace", "", NAMESPACE]
    removed = context.run(context.on.action("remove-objects"), installed)
    api.objects["", "Namespace", "", NAMESPACE] = namespace
    out = context.run(context.on.update_status(), removed)

    assert out.unit_status == testing.BlockedStatus(
        "removed by action, except Namespace metallb-system; run remove-objects again"
    )


@pytest.mark.parametrize("event", ["update_status", "stop"])
def test_objects_go_with_the_application(
    context: testing.Context[Any], api: EveryKindApi, tmp_path: Path, log: Path, event: str
) -> None:
    """What remains is logged once: without its kubeconfig, the next hook does not try again."""
    installed = context.run(context.on.install(), state())
    add(api, "ConfigMap", "mine")
    leaving = dataclasses.replace(installed, planned_units=0)
    context.run(getattr(context.on, event)(), leaving)

    assert [key[3] for key in api.objects] == [NAMESPACE, "mine"]
    assert not (tmp_path / KUBECONFIG).exists()
    context.run(context.on.stop(), leaving)
    assert log.read_text() == (
        "left on the cluster: Namespace metallb-system stays, because it contains foreign"
        " objects: ConfigMap mine\n"
    )
    assert not (tmp_path / "root/var/lib/metallb-charm").exists()


def test_objects_stay_when_one_unit_of_several_is_removed(
    context: testing.Context[Any], api: EveryKindApi, tmp_path: Path
) -> None:
    installed = context.run(context.on.install(), state())
    for name in ("manifest.yaml", "removal"):
        (tmp_path / "root/var/lib/metallb-charm" / name).write_text("x")
    context.run(context.on.stop(), installed)

    assert len(api.objects) == NUMBER
    assert not (tmp_path / "root/var/lib/metallb-charm").exists()


def test_list_objects_compares_with_the_desired_state(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    context.run(context.on.install(), state())
    api.delete({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "config", "namespace": NAMESPACE}})  # fmt: skip
    context.run(context.on.action("list-objects"), state())

    listed = results(context)
    assert len(listed.pop("correct")) == NUMBER - 1
    assert listed == {
        "ok": False,
        "changed": [],
        "missing": ["ConfigMap metallb-system/config"],
        "extra": [],
    }


def test_verify_passes_when_a_service_gets_an_address(
    context: testing.Context[Any], api: EveryKindApi
) -> None:
    """The service is deleted afterwards."""
    context.run(context.on.install(), state())
    api.run_workloads("n1", "n2")
    context.run(context.on.action("verify"), state())

    assert (context.action_results or {})["ok"] == "true"
    assert len(api.objects) == NUMBER + 4  # nodes and pods
    assert api.writes[-2:] == ["PUT Service metallb-verify-1", "DELETE Service metallb-verify-1"]


def test_verify_fails_with_each_reason(context: testing.Context[Any], api: EveryKindApi) -> None:
    context.run(context.on.install(), state())
    api.address = ""
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("verify", params={"timeout": 1}), state())

    assert raised.value.message == (
        "not ready: DaemonSet metallb-system/speaker is not scheduled yet,"
        " Deployment metallb-system/controller has 0 of 1 ready;"
        " no node runs a ready speaker; check the options node-selector and tolerations;"
        " no address after 1 s; no available IPs"
    )
    assert (context.action_results or {})["ok"] == "false"
