"""State transitions of charm.py by ops' own testing tools; its machine is a container.

What needs a kernel that serves is tested on one (tests/host/test_nfs.py).
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from ops import testing

from helpers.charm_modules import load
from labcharm.machine import Machine
from nfs_server.server.directories import RECORD

CHARM = Path(__file__).resolve().parents[3] / "charms/nfs-server"
CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is an unprivileged container in a folder."""
    root = tmp_path.resolve() / "root"
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/uid_map").write_text("0 100000 65536\n")
    monkeypatch.setenv("NFS_SERVER_ROOT", str(root))
    return testing.Context(load("nfs-server").NfsServerCharm, charm_root=CHARM)


def test_a_container(context: testing.Context) -> None:
    """Blocked with the reason."""
    out = context.run(context.on.install(), testing.State(leader=True, planned_units=1))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "unprivileged container" in out.unit_status.message


def test_options_come_first(context: testing.Context) -> None:
    """All that is wrong with them is told at once."""
    config = {"export-root": "/etc", "networks": "*"}
    out = context.run(
        context.on.config_changed(), testing.State(leader=True, planned_units=1, config=config)
    )

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "/etc belongs to the system" in out.unit_status.message
    assert "allow-world=true" in out.unit_status.message


def test_asks_the_control_plane(context: testing.Context) -> None:
    """Publishes who it is, whatever the machine is."""
    state = testing.State(leader=True, planned_units=1, relations={CONTROL})
    out = context.run(context.on.relation_joined(CONTROL, remote_unit=0), state)

    bag = out.get_relation(CONTROL.id).local_unit_data
    assert bag["kubelet_user"] == "nfs-server/0"
    assert bag["auth_group"] == "system:masters"


def test_a_second_unit(context: testing.Context) -> None:
    """Serves nothing: its data would differ."""
    out = context.run(context.on.config_changed(), testing.State(leader=False, planned_units=2))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "another unit serves" in out.unit_status.message


def test_no_address_yet(context: testing.Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster is told no server; what is known is exported, and the status says why."""
    charm = load("nfs-server").NfsServerCharm
    cluster = SimpleNamespace(nodes=lambda: ["10.0.0.5"])
    monkeypatch.setattr(charm, "_on_cluster", lambda *_: nullcontext(cluster))
    for name in ("prepare", "export"):
        monkeypatch.setattr(f"nfs_server.server.serving.Serving.{name}", lambda *_: None)
    state = testing.State(
        leader=True, planned_units=1, relations={CONTROL},
        networks={testing.Network("nfs", ingress_addresses=[])},
    )  # fmt: skip
    out = context.run(context.on.config_changed(), state)

    told = "0 folders to 0 clients; the binding nfs has no address yet"
    assert out.unit_status == testing.WaitingStatus(told)


@pytest.mark.parametrize("name", ["sync-objects", "remove-objects"])
def test_writing_actions_need_the_leader(context: testing.Context, name: str) -> None:
    """Elsewhere they fail, and say where to run them."""
    with pytest.raises(testing.ActionFailed, match="only the leader"):
        context.run(context.on.action(name), testing.State(leader=False, planned_units=1))


@pytest.mark.parametrize("name", ["list-objects", "sync-objects", "remove-objects"])
def test_actions_without_a_cluster_fail_plainly(context: testing.Context, name: str) -> None:
    """With the piece that is missing."""
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action(name), testing.State(leader=True, planned_units=1))


@pytest.mark.parametrize(
    ("left", "told"),
    [([], ""), (["a", "b", "c", "d"], "; left on the cluster: a, b, c and 1 more")],
)
def test_what_stays_behind(
    context: testing.Context, monkeypatch: pytest.MonkeyPatch, left: list[str], told: str
) -> None:
    """The last status says where the data are, and what nobody takes away on the cluster."""
    machine = Machine(os.environ["NFS_SERVER_ROOT"])
    machine.write(RECORD, '{"/nfsroot": "detached-storage", "/nfsroot/login": "made"}')
    monkeypatch.setattr("labkube.charm.cluster.Cluster.leave", lambda *_: left)
    out = context.run(context.on.stop(), testing.State(leader=True, planned_units=0))

    said = "no longer exported; the data stay on the storage export" + told
    assert out.unit_status == testing.MaintenanceStatus(said)
    assert not machine.exists(RECORD)
