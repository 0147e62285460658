"""The packed charm as Juju runs it on real API servers: installed, repaired and removed."""

from __future__ import annotations

import json
from pathlib import Path

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.metallb import (
    connect_through,
    create_service,
    default_release,
    namespace_goes,
    owned_objects,
    report_ready,
)
from helpers.kube.related import leave, run

HOOKS = ("install", "kube-control-relation-joined", "kube-control-relation-changed")


def test_metallb_is_installed_kept_and_removed(cluster: ApiServer, unit_of_each_age: Unit) -> None:
    """Foreign objects are not touched, and nothing stays on the machine."""
    unit, release = unit_of_each_age, default_release(cluster)
    cluster.kubectl("create", "configmap", "foreign", "--from-literal=a=b")
    foreign = cluster.kubectl("get", "cm", "foreign", "-o", "json")
    status = run(unit, *HOOKS)
    assert status.startswith(f"waiting: MetalLB {release}: "), status + unit.log()

    report_ready(cluster)
    create_service(cluster, "web", "10.64.0.100")
    status = run(unit, "update-status")
    assert status == f"active: MetalLB {release}, pool default, 1 of 11 addresses used"
    assert unit.get("version") == release
    assert cluster.token not in unit.log() + status

    objects = owned_objects(cluster)
    run(unit, "config-changed", "update-status")
    assert owned_objects(cluster) == objects, "a second run writes nothing"
    listed = unit.action("list-objects")["results"]
    assert (listed["ok"], listed["extra"]) == ("true", "[]")

    leave(unit)
    assert namespace_goes(cluster)
    assert owned_objects(cluster) == {}
    assert cluster.kubectl("get", "cm", "foreign", "-o", "json") == foreign
    assert not (Path(unit.folder).parent / "root/var/lib/metallb-charm/kubeconfig").exists()


def test_drift_is_repaired_by_the_next_hook(cluster: ApiServer, unit: Unit) -> None:
    """A deleted and a changed object; list-objects names them before."""
    run(unit, "install")
    cluster.kubectl("delete", "role", "-n", "metallb-system", "pod-lister")
    cluster.kubectl(
        "set", "image", "-n", "metallb-system", "deploy/controller", "controller=evil:1"
    )
    listed = unit.action("list-objects")["results"]
    assert json.loads(listed["missing"]) == ["Role metallb-system/pod-lister"]
    assert json.loads(listed["changed"]) == ["Deployment metallb-system/controller"]
    assert listed["ok"] == "false"

    run(unit, "update-status")

    listed = unit.action("list-objects")["results"]
    assert (listed["ok"], listed["missing"], listed["changed"]) == ("true", "[]", "[]")


def test_hook_without_changes_only_reads(cluster: ApiServer, unit: Unit) -> None:
    """The requests are counted by a proxy."""
    with FaultProxy(cluster, lambda _: 0) as proxy:
        connect_through(unit, proxy)
        run(unit, "install")
        assert proxy.writes > 10
        proxy.requests = 0
        proxy.writes = 0
        run(unit, "update-status")
        assert proxy.writes == 0
        assert proxy.requests > 10


def test_removed_objects_stay_away_until_sync_objects(cluster: ApiServer, unit: Unit) -> None:
    """The hook after remove-objects does not apply them again."""
    run(unit, "install")
    action = unit.action("remove-objects")
    assert action["results"] == {"ok": "true", "left": "[]"}, action
    assert run(unit, "update-status").startswith("blocked: removed by action")
    assert owned_objects(cluster) == {}

    assert namespace_goes(cluster)
    assert not unit.action("sync-objects").get("failed")
    assert run(unit, "update-status").startswith("waiting: MetalLB")


def test_unusable_options_do_not_prevent_removal(cluster: ApiServer, unit: Unit) -> None:
    """The removal needs the owned objects alone."""
    run(unit, "install")
    unit.configure({"addresses": "", "log-level": "loud"})

    action = unit.action("remove-objects")

    assert action["results"] == {"ok": "true", "left": "[]"}, action
    assert owned_objects(cluster) == {}


def test_missing_access_and_missing_pools_are_named(cluster: ApiServer, unit: Unit) -> None:
    """The administrator must add both."""
    unit.put("relations", {})
    status = run(unit, "install")
    assert status.startswith("blocked: kube-control is not related to the control plane"), status
    unit.configure({})
    assert run(unit, "config-changed").startswith("blocked: no address pool; set addresses")
