"""What the charm checks and exports before it writes to a cluster.

Server and cluster are fakes that record the order of steps. The real ones are in
tests/host/test_nfs_*.py and tests/kube/test_nfs_claims.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ops import testing

from helpers.nfs.lab import LOCAL_ADDRESS, Lab
from helpers.nfs.storage_api import KilledError
from labcharm.verify import Check
from labkube.client.api import ApiError
from labkube.client.connection import RefusedOptionError
from nfs_server.server.plan import ExportPlan
from nfs_server.verify import checks

CONTROL_PLANE = testing.Relation("kube-control", remote_app_name="kubernetes-master")
PEERS = testing.PeerRelation("servers", peers_data={1: {"holds-data": "false"}})


def related_state(units: int = 1, *relations: Any, **options: Any) -> testing.State:
    """Return the state of a leader that is related to a control plane."""
    config = {name.replace("_", "-"): option for name, option in options.items()}
    return testing.State(
        leader=True, planned_units=units, relations={CONTROL_PLANE, *relations}, config=config
    )


def test_exports_come_before_objects(context: testing.Context, lab: Lab) -> None:
    """No object names an export that does not exist, by a hook or by the action."""
    context.run(context.on.config_changed(), related_state(export_root="/srv/new"))
    assert lab.steps == ["prepare", "export /srv/new", f"apply {LOCAL_ADDRESS}:/srv/new"]

    lab.steps.clear()
    context.run(context.on.action("sync-objects"), related_state())
    assert lab.steps[:3] == ["prepare", "export /nfsroot", f"apply {LOCAL_ADDRESS}:/nfsroot"]


def test_nodes_of_a_killed_hook_keep_their_access(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though Juju stored nothing, and the cluster does not answer the next hook."""
    plans: list[ExportPlan] = []

    def export(plan: ExportPlan, *_: object) -> None:
        plans.append(plan)
        if len(plans) == 1:
            raise KilledError

    def fail() -> None:
        raise ApiError(0, "", "the API cannot be reached: timed out")

    monkeypatch.setattr(lab, "export", export)
    with pytest.raises(KilledError):
        context.run(context.on.update_status(), related_state())
    monkeypatch.setattr(lab, "nodes", fail)
    context.run(context.on.update_status(), related_state())

    assert [plan.root.trusted for plan in plans] == [("10.0.0.5",), ("10.0.0.5",)]


def test_shared_file_system_is_logged_when_the_configuration_changes(
    context: testing.Context, lab: Lab, tmp_path: Path
) -> None:
    """And not every five minutes."""
    (tmp_path / "nfsroot").mkdir()
    logs: list[bool] = []
    for event in (context.on.config_changed(), context.on.update_status()):
        context.juju_log.clear()
        context.run(event, related_state())
        messages = [entry.message for entry in context.juju_log if entry.level == "WARNING"]
        logs.append(any("/nfsroot: not a file system of its own" in text for text in messages))

    assert logs == [True, False]


@pytest.mark.parametrize("trigger", ["config-changed", "sync-objects"])
def test_claims_keep_their_directory(context: testing.Context, lab: Lab, trigger: str) -> None:
    """The action does not bypass the check: nothing is exported or applied."""
    lab.stranded = ["default/claim in /nfsroot/x"]
    message = (
        "claims would lose their directory; keep it as export-root, or export it as a share first:"
    )
    if trigger == "config-changed":
        out = context.run(context.on.config_changed(), related_state())
        assert out.unit_status.message.startswith(message)
    else:
        with pytest.raises(testing.ActionFailed, match=message):
            context.run(context.on.action(trigger), related_state())
    assert lab.steps == ["prepare"]


def test_claims_keep_class_and_provisioner(context: testing.Context, lab: Lab) -> None:
    """The status names the claims and what to do."""
    lab.orphaned = ["default/c of nfs, a/b"]
    out = context.run(context.on.config_changed(), related_state(storage_class="new"))

    assert out.unit_status == testing.BlockedStatus(
        "volumes would be orphaned; keep storage-class and provisioner-name, or retain them:"
        " default/c of nfs, a/b"
    )


def test_missing_class_of_claims_is_part_of_the_active_status(
    context: testing.Context, lab: Lab
) -> None:
    """Everything else goes on."""
    lab.classless = ["default/c of old"]
    out = context.run(context.on.config_changed(), related_state())

    assert out.unit_status == testing.ActiveStatus(
        "create the StorageClass again before these claims are deleted: default/c of old; 1"
        " directory... (see the log)"
    )


@pytest.mark.parametrize(
    ("mounted", "status"),
    [("10.0.0.99", "blocked"), (LOCAL_ADDRESS, "active"), ("127.0.0.1", "active"),
     ("", "active")],
)  # fmt: skip
def test_provisioner_that_mounts_another_unit_is_left_alone(
    context: testing.Context, lab: Lab, mounted: str, status: str
) -> None:
    """Any address of this machine is this unit's."""
    lab.paths, lab.mounted_from = ["/nfsroot"], mounted
    out = context.run(context.on.update_status(), related_state(2, PEERS))

    assert out.unit_status.name == status
    assert ("apply" in " ".join(lab.steps)) is (status == "active")


def test_verify_reports_the_server_though_the_cluster_does_not_answer(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster is one failed check."""

    def fail(*_: object) -> None:
        raise ApiError(0, "", "the API cannot be reached: timed out")

    trials = SimpleNamespace(
        configured_checks=lambda *_: [Check("configured", True, "mounted")],
        loopback_checks=lambda *_: [Check("mount", True, "mounted")],
    )
    monkeypatch.setattr(checks, "server_checks", lambda *_: [Check("service", True, "runs")])
    monkeypatch.setattr(checks, "mount_trial", trials)
    monkeypatch.setattr(lab, "exported_shares", lambda *_: [], raising=False)
    monkeypatch.setattr(lab, "desired_state", fail)

    with pytest.raises(testing.ActionFailed, match="the API cannot be reached: timed out"):
        context.run(context.on.action("verify"), related_state())

    rows = json.loads((context.action_results or {})["checks"])
    assert [(row["name"], row["ok"]) for row in rows] == [
        ("service", True), ("file-system", True), ("configured", True), ("mount", True),
        ("cluster", False),
    ]  # fmt: skip


def test_refused_credentials_of_the_option_block(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exports go on."""

    def refuse() -> None:
        raise RefusedOptionError

    monkeypatch.setattr(lab, "nodes", refuse)
    out = context.run(context.on.update_status(), related_state())

    assert out.unit_status == testing.BlockedStatus(
        "option kubeconfig: the API refuses the credentials; set a kubeconfig with valid ones;"
        " 0... (see the log)"
    )


@pytest.mark.parametrize(
    ("error", "name"),
    [(RefusedOptionError(), "blocked"), (ApiError(0, "", "timed out"), "waiting")],
)
def test_moved_export_root_needs_whom_the_cluster_needs(
    context: testing.Context,
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    name: str,
) -> None:
    """A cluster that refuses the credentials does not answer by itself."""
    context.run(context.on.update_status(), related_state())
    lab.steps.clear()

    def fail() -> None:
        raise error

    monkeypatch.setattr(lab, "nodes", fail)
    out = context.run(context.on.config_changed(), related_state(export_root="/srv/new"))

    assert out.unit_status.name == name
    assert out.unit_status.message.startswith("export-root changes after the cluster answers")
    assert lab.steps == ["prepare"]


def test_cluster_that_is_no_longer_related_needs_the_administrator(
    context: testing.Context, lab: Lab
) -> None:
    """Its nodes keep their access until then: the administrator chooses what is to end."""
    context.run(context.on.update_status(), related_state())
    out = context.run(context.on.update_status(), testing.State(leader=True, planned_units=1))

    assert out.unit_status.name == "blocked"
    assert out.unit_status.message.startswith(
        "cluster no longer related; relate it, or run remove-objects to end its nodes' access"
    )


def test_machine_that_fails_in_verify_fails_the_action(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a message and not with a traceback."""

    def fail(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(lab, "exported_shares", fail, raising=False)
    with pytest.raises(testing.ActionFailed, match="Read-only file system"):
        context.run(context.on.action("verify"), testing.State(leader=True, planned_units=1))
