"""The statuses of the charm by ops' testing tools; its machine is an unprivileged container.

What needs a kernel that serves is tested on one (tests/host/test_nfs_*.py).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.nfs.defaults import CHARM
from labcharm.machine import Machine
from nfs_server.server import client_directories
from nfs_server.server.directories import RECORD

CONTROL_PLANE = testing.Relation("kube-control", remote_app_name="kubernetes-master")


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is an unprivileged container in a temporary directory."""
    root = tmp_path.resolve() / "root"
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/uid_map").write_text("0 100000 65536\n")
    monkeypatch.setenv("NFS_SERVER_ROOT", str(root))
    return testing.Context(load("nfs-server").NfsServerCharm, charm_root=CHARM)


def test_container_blocks(context: testing.Context) -> None:
    """With the reason."""
    out = context.run(context.on.install(), testing.State(leader=True, planned_units=1))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "unprivileged container" in out.unit_status.message


def test_verify_in_a_container_gives_the_reason_of_the_status(context: testing.Context) -> None:
    """And tries nothing that cannot work."""
    state = testing.State(leader=True, planned_units=1)
    status = context.run(context.on.update_status(), state).unit_status
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("verify"), state)

    assert raised.value.message == status.message
    checks = json.loads((context.action_results or {})["checks"])
    assert checks == [{"name": "service", "ok": False, "message": status.message}]


def test_invalid_options_block_before_anything_else(context: testing.Context) -> None:
    """All problems together, in the log if the status is too short for them."""
    config = {"export-root": "/etc", "networks": "*"}
    out = context.run(
        context.on.config_changed(), testing.State(leader=True, planned_units=1, config=config)
    )

    assert isinstance(out.unit_status, testing.BlockedStatus)
    problems = ["networks: * admits everybody", "export-root: /etc belongs to the system"]
    log = " ".join(entry.message for entry in context.juju_log)
    assert all(problem in log for problem in problems)
    assert "allow-world=true" in out.unit_status.message


def test_kube_control_request_names_unit_and_group(context: testing.Context) -> None:
    """Whatever the machine is."""
    model = testing.Model("lab", uuid="12345678-90ab-4def-8234-567890abcdef")
    state = testing.State(leader=True, planned_units=1, relations={CONTROL_PLANE}, model=model)
    out = context.run(context.on.relation_joined(CONTROL_PLANE, remote_unit=0), state)

    bag = out.get_relation(CONTROL_PLANE.id).local_unit_data
    assert bag["kubelet_user"] == "lab-charms:nfs-server.12345678/0"
    assert bag["auth_group"] == "lab-charms:nfs-server.12345678"


def test_second_unit_is_blocked(context: testing.Context) -> None:
    """It serves nothing, because its data would differ."""
    out = context.run(context.on.config_changed(), testing.State(leader=False, planned_units=2))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "another unit serves" in out.unit_status.message


def test_binding_without_address_waits(
    context: testing.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster gets no objects; exports are as last known, and the status has the reason."""
    charm = load("nfs-server").NfsServerCharm
    cluster = SimpleNamespace(nodes=lambda: ["10.0.0.5"])
    monkeypatch.setattr(charm, "_work", lambda *args: args[2](cluster))
    for name in ("prepare", "export"):
        monkeypatch.setattr(f"nfs_server.server.file_server.FileServer.{name}", lambda *_: None)
    state = testing.State(
        leader=True, planned_units=1, relations={CONTROL_PLANE},
        networks={testing.Network("nfs", ingress_addresses=[])},
    )  # fmt: skip
    out = context.run(context.on.config_changed(), state)

    message = "the binding nfs has no address yet; 0 directories exported to 0 clients"
    assert out.unit_status == testing.WaitingStatus(message)


@pytest.mark.parametrize("name", ["sync-objects", "remove-objects"])
def test_writing_actions_fail_on_other_units_than_the_leader(
    context: testing.Context, name: str
) -> None:
    """The failure says where to run them."""
    with pytest.raises(testing.ActionFailed, match="only the leader"):
        context.run(context.on.action(name), testing.State(leader=False, planned_units=1))


@pytest.mark.parametrize("name", ["list-objects", "sync-objects", "remove-objects"])
def test_actions_without_a_cluster_fail_with_the_missing_relation(
    context: testing.Context, name: str
) -> None:
    """Not with a traceback."""
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action(name), testing.State(leader=True, planned_units=1))


@pytest.mark.parametrize(
    ("remaining", "suffix"),
    [([], ""), (["a", "b", "c", "d"], "; left on the cluster: a, b, c and 1 more")],
)
def test_last_status_says_what_stays(
    context: testing.Context,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    remaining: list[str],
    suffix: str,
) -> None:
    """Where the data are, and which objects could not be deleted. Each is logged."""
    machine = Machine(os.environ["NFS_SERVER_ROOT"])
    log = tmp_path / "log"
    (tmp_path / "juju-log").write_text(f'#!/bin/sh\necho "$*" >> {log}\n')
    (tmp_path / "juju-log").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for name in ("cluster.json", "kubeconfig"):
        machine.write(f"/var/lib/nfs-server-charm/{name}", "{}")
    machine.write(client_directories.RECORD, "{}")
    machine.write(RECORD, '{"/nfsroot": "detached-storage", "/nfsroot/login": "made"}')
    monkeypatch.setattr("labkube.charm.cluster.Cluster.remove_objects", lambda *_: remaining)
    out = context.run(context.on.stop(), testing.State(leader=True, planned_units=0))

    message = "no longer exported; the data stays on the storage export"
    assert out.unit_status == testing.MaintenanceStatus(f"{message}{suffix}")
    lines = [f"left on the cluster: {name}" for name in remaining]
    assert log.read_text().splitlines() == [message, *lines]
    assert not machine.exists("/var/lib/nfs-server-charm")
