"""The charm with the export of another server, on a fake machine and a fake cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.nfs.lab import Lab
from labcharm.errors import WaitingError
from labcharm.machine import Machine
from labcharm.verify import Check
from nfs_server.cluster import cache
from nfs_server.external import external_server, trial

CONTROL_PLANE = testing.Relation("kube-control", remote_app_name="kubernetes-master")
EXPORT = "nas.lab.example:/tank/k8s"
OPTIONS: dict[str, Any] = {"external-export": EXPORT}


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """Return the checks of the trial, and let the server answer."""
    checks = [Check("claim", True, "bound")]
    monkeypatch.setattr(external_server, "check_reachable", lambda *_: None)
    monkeypatch.setattr(trial, "run_trial", lambda *_, **__: checks)
    return checks


def state(*relations: Any, units: int = 1, leader: bool = True, **options: Any) -> testing.State:
    """Return the state of a unit that is related to a control plane."""
    config = {**OPTIONS, **{name.replace("_", "-"): option for name, option in options.items()}}
    return testing.State(
        leader=leader, planned_units=units, relations={CONTROL_PLANE, *relations}, config=config
    )


def test_objects_name_the_other_server_and_nothing_is_exported(
    context: testing.Context, lab: Lab
) -> None:
    """The machine stays as it is: it may be a container."""
    out = context.run(context.on.config_changed(), state())

    assert lab.steps == ["apply nas.lab.example:/tank/k8s"]
    assert out.unit_status == testing.ActiveStatus(
        f"export {EXPORT}; StorageClass nfs (default), provisioner v4.0.2"
    )


def test_server_that_does_not_answer_waits(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is applied for an export that may not exist, and own exports stay."""
    lab.paths = ["/nfsroot"]

    def fail(*_: object) -> None:
        raise WaitingError("nas.lab.example does not answer at port 2049")

    monkeypatch.setattr(external_server, "check_reachable", fail)
    out = context.run(context.on.config_changed(), state())

    assert out.unit_status == testing.WaitingStatus("nas.lab.example does not answer at port 2049")
    assert lab.steps == []


def test_unit_is_active_only_after_a_claim_was_bound(
    context: testing.Context, answers: list[Check]
) -> None:
    """The status has the fix where the other server refuses root."""
    reason = "mkdir /persistentvolumes/x: permission denied"
    answers[:] = [Check("claim", False, f"not bound: {reason}")]
    out = context.run(context.on.update_status(), state())

    assert isinstance(out.unit_status, testing.WaitingStatus)
    assert out.unit_status.message.startswith("let root of the nodes write (no_root_squash)")

    answers[:] = [Check("claim", True, "bound")]
    out = context.run(context.on.update_status(), state())
    assert isinstance(out.unit_status, testing.ActiveStatus)


def test_claim_is_tried_once_for_each_export(
    context: testing.Context, answers: list[Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And again after a change of the mount options."""
    tried: list[object] = []
    monkeypatch.setattr(trial, "run_trial", lambda *_, **__: tried.append(1) or answers)
    for options in ({}, {}, {"mount_options": "nfsvers=4.1"}, {"mount_options": "nfsvers=4.1"}):
        context.run(context.on.update_status(), state(**options))

    assert len(tried) == 2


def test_unit_that_exports_files_keeps_its_exports(context: testing.Context, lab: Lab) -> None:
    """Its data would be lost for the claims."""
    lab.paths = lab.used = ["/nfsroot"]
    out = context.run(context.on.config_changed(), state())

    assert out.unit_status.name == "blocked"
    assert out.unit_status.message.startswith(
        "this unit exports files; reset external-export, or deploy an application for the NAS"
    )
    assert lab.steps == []


def test_exports_without_files_end(context: testing.Context, lab: Lab) -> None:
    lab.paths = ["/nfsroot"]
    out = context.run(context.on.config_changed(), state())

    assert lab.steps == ["remove", "apply nas.lab.example:/tank/k8s"]
    assert out.unit_status.name == "active"


def test_attached_storage_is_refused(context: testing.Context, lab: Lab) -> None:
    storage = testing.Storage("export")
    changed = testing.State(
        leader=True,
        planned_units=1,
        relations={CONTROL_PLANE},
        config=OPTIONS,
        storages={storage},
    )
    out = context.run(context.on.config_changed(), changed)

    assert out.unit_status.message.startswith("the storage export is attached")
    assert lab.steps == []


@pytest.mark.parametrize("trigger", ["config-changed", "sync-objects"])
def test_claims_of_another_export_are_kept(
    trigger: str, context: testing.Context, lab: Lab
) -> None:
    lab.elsewhere = ["default/claim"]
    if trigger == "config-changed":
        out = context.run(context.on.config_changed(), state())
        assert out.unit_status == testing.BlockedStatus("claims lie elsewhere than /tank/k8s")
    else:
        with pytest.raises(testing.ActionFailed, match="claims lie elsewhere"):
            context.run(context.on.action(trigger), state())
    assert lab.steps == []


def test_return_to_this_machine_keeps_claims_of_the_other_server(
    context: testing.Context, lab: Lab
) -> None:
    """Nothing is exported until they are gone; afterwards the record ends."""
    context.run(context.on.config_changed(), state())
    lab.steps.clear()
    lab.elsewhere = ["default/claim"]
    own = state(**{"external-export": ""})
    out = context.run(context.on.config_changed(), own)
    assert out.unit_status == testing.BlockedStatus("claims lie elsewhere than /nfsroot")
    assert lab.steps == ["prepare"]

    lab.elsewhere = []
    context.run(context.on.config_changed(), own)
    lab.elsewhere = ["default/claim"]  # of a machine that was replaced, perhaps
    out = context.run(context.on.config_changed(), own)
    assert out.unit_status.name == "active"


def test_without_a_cluster_there_is_nothing_to_do(context: testing.Context, lab: Lab) -> None:
    alone = testing.State(leader=True, planned_units=1, config=OPTIONS)
    out = context.run(context.on.config_changed(), alone)

    assert out.unit_status == testing.BlockedStatus(
        "external-export serves a cluster only; relate kube-control, or set kubeconfig"
    )
    assert lab.steps == []


def test_second_unit_stands_by(context: testing.Context, lab: Lab) -> None:
    peers = testing.PeerRelation("servers", peers_data={1: {"holds-data": "false"}})
    out = context.run(context.on.config_changed(), state(peers, units=2, leader=False))

    assert out.unit_status == testing.BlockedStatus(
        "the leader manages the StorageClass of the NAS; remove this unit"
    )


def test_related_applications_get_the_export(context: testing.Context) -> None:
    """The charm makes no directories on another server."""
    mount = testing.Relation("mount", remote_app_name="client")
    filesystem = testing.Relation("filesystem", remote_app_name="filesystem-client")
    out = context.run(
        context.on.config_changed(), state(mount, filesystem, mount_options="nconnect=4")
    )

    published = out.get_relation(mount.id).local_unit_data
    assert published["hostname"] == "nas.lab.example"
    assert published["mountpoint"] == "/tank/k8s"
    assert published["options"] == "nconnect=4"
    endpoint = out.get_relation(filesystem.id).local_app_data["endpoint"]
    assert endpoint == "nfs://(nas.lab.example:2049)/tank/k8s"


def test_record_names_the_export_and_no_node(context: testing.Context, tmp_path: Path) -> None:
    context.run(context.on.config_changed(), state())

    assert cache.read(Machine(str(tmp_path))) == cache.ClusterCache([], "", EXPORT)


def test_verify_checks_the_other_server_and_the_cluster(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of this machine."""
    from nfs_server.verify import checks

    monkeypatch.setattr(checks, "storage_checks", lambda *_: [Check("objects", True, "")])
    monkeypatch.setattr(checks, "policy_check", lambda *_: Check("export-root", True, ""))
    with pytest.raises(testing.ActionFailed, match="does not answer at port 2049"):
        context.run(context.on.action("verify"), state(**{"external-export": "nas.invalid:/tank"}))

    rows = json.loads((context.action_results or {})["checks"])
    assert [(row["name"], row["ok"]) for row in rows] == [
        ("export", False), ("objects", True), ("export-root", True), ("claim", True),
    ]  # fmt: skip


@pytest.mark.parametrize("action", ["list-exports", "usage"])
def test_actions_about_exports_say_who_has_them(context: testing.Context, action: str) -> None:
    with pytest.raises(testing.ActionFailed, match=f"exports nothing: {EXPORT} has the claims"):
        context.run(context.on.action(action), state())
