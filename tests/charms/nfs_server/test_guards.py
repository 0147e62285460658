"""What charm.py does before it writes to a cluster, and which of several units serves.

Server and cluster are stood in for by what notes the order of things; the real ones are in
tests/host/test_nfs.py and tests/kube/test_nfs_claims.py.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from labcharm.verify import Check
from labkube.apply.objects import Applied
from labkube.client.access import Access
from labkube.client.api import ApiError
from labkube.client.kubeconfig import render
from nfs_server.cluster.provisioner import V4
from nfs_server.cluster.storage import LeftBehindError, Wish
from nfs_server.verify import checks as checks_module

CHARM = Path(__file__).resolve().parents[3] / "charms/nfs-server"
CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
OTHERS = testing.PeerRelation("servers", peers_data={1: {"holds-data": "false"}})
HERE = "192.0.2.0"  # what ops' testing tools give every binding


class Lab:
    """A machine's server and a cluster, of which what is done is noted in `done`."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.lost: list[str] = []
        self.mounted_from = HERE
        self.folders = SimpleNamespace(known=lambda: self.known)
        self.exports = SimpleNamespace(ours=lambda: self.known)
        self.known: list[str] = []
        self.behind: list[str] = []
        self.alone: list[str] = []

    # The server.

    def prepare(self, *_: Any) -> None:
        """Note it."""
        self.done.append("prepare")

    def export(self, planned: Any, *_: Any) -> None:
        """Note which folder, which is ours from then on."""
        self.known = [planned.root.path]
        self.done.append(f"export {planned.root.path}")

    # The cluster.

    def nodes(self) -> list[str]:
        """Return one node."""
        return ["10.0.0.5"]

    def served_from(self, _: Any) -> str:
        """Return where the provisioner mounts from."""
        return self.mounted_from

    def stranded(self, *_: Any) -> list[str]:
        """Return the claims that are said to lose their folder."""
        return self.lost

    def wish(self, kind: Any, source: Any, *_: Any) -> Wish:
        """Return what is wanted: the source alone."""
        return Wish(V4, kind, [source])

    def apply(self, wish: Wish, *_: Any) -> Applied:
        """Note from where, unless that leaves claims behind."""
        if self.behind:
            raise LeftBehindError(self.behind)
        (source,) = wish.objects
        self.done.append(f"apply {source.server}:{source.path}")  # type: ignore[attr-defined]
        return Applied([], [], 0, [])

    def sync(self, wish: Wish, *_: Any) -> Applied:
        """Apply."""
        return self.apply(wish)

    def classless(self, _: Any) -> list[str]:
        """Return the claims whose class is said to be gone."""
        return self.alone

    def class_problem(self, _: Any) -> tuple[str, bool]:
        """Return that there is none."""
        return "", False

    def not_ready(self, _: Any) -> list[str]:
        """Return that all is."""
        return []


@pytest.fixture
def lab() -> Lab:
    """Return a server that serves nothing yet, and a cluster whose provisioner mounts from it."""
    return Lab()


@pytest.fixture
def context(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context in which the charm has that server and that cluster."""
    module = load("nfs-server")

    @contextlib.contextmanager
    def on_cluster(*_: Any) -> Iterator[Lab]:
        yield lab

    monkeypatch.setenv("NFS_SERVER_ROOT", str(tmp_path))
    monkeypatch.setattr(module, "Serving", lambda *_: lab)
    monkeypatch.setattr(module.NfsServerCharm, "_on_cluster", on_cluster)
    return testing.Context(module.NfsServerCharm, charm_root=CHARM)


def state(leads: bool = True, units: int = 1, *relations: Any, **options: Any) -> testing.State:
    """Return the state of a unit."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return testing.State(leader=leads, planned_units=units, relations=set(relations), config=named)


def test_exported_before_it_is_applied(context: testing.Context, lab: Lab) -> None:
    """No object names what is not served, by a hook or by the action."""
    context.run(context.on.config_changed(), state(True, 1, CONTROL, export_root="/srv/new"))
    assert lab.done == ["prepare", "export /srv/new", f"apply {HERE}:/srv/new"]

    lab.done.clear()
    context.run(context.on.action("sync-objects"), state(True, 1, CONTROL))
    assert lab.done[:3] == ["prepare", "export /nfsroot", f"apply {HERE}:/nfsroot"]


@pytest.mark.parametrize("what", ["config-changed", "sync-objects"])
def test_claims_keep_their_folder(context: testing.Context, lab: Lab, what: str) -> None:
    """The action is no way round the guard: nothing is exported or applied, the claim is named."""
    lab.lost = ["default/claim in /nfsroot/x"]
    told = "these claims would lose their folder: default/claim in /nfsroot/x"
    if what == "config-changed":
        out = context.run(context.on.config_changed(), state(True, 1, CONTROL))
        assert out.unit_status.message.startswith(told)
    else:
        with pytest.raises(testing.ActionFailed, match=told):
            context.run(context.on.action(what), state(True, 1, CONTROL))
    assert lab.done == ["prepare"]


def test_claims_keep_class_and_provisioner(context: testing.Context, lab: Lab) -> None:
    """A name that volumes need is kept; the claims are named with the mend."""
    lab.behind = ["default/c of nfs, a/b"]
    out = context.run(context.on.config_changed(), state(True, 1, CONTROL, storage_class="new"))

    assert out.unit_status == testing.BlockedStatus(
        "nobody could delete the volumes of these claims any more: default/c of nfs, a/b; keep"
        " storage-class and provisioner-name while they are there, or set these volumes' reclaim"
        " policy to Retain"
    )


def test_a_class_that_is_gone_already(context: testing.Context, lab: Lab) -> None:
    """Is told beside the rest, which goes on."""
    lab.alone = ["default/c of old"]
    out = context.run(context.on.config_changed(), state(True, 1, CONTROL))

    assert out.unit_status == testing.ActiveStatus(
        "1 folder to 1 client; StorageClass nfs (default), provisioner v4.0.2; make the"
        " StorageClass again before these claims are deleted: default/c of old"
    )


@pytest.mark.parametrize(
    ("mounted", "status"),
    [("10.0.0.99", "blocked"), (HERE, "active"), ("127.0.0.1", "active"), ("", "active")],
)
def test_the_provisioners_data_elsewhere(
    context: testing.Context, lab: Lab, mounted: str, status: str
) -> None:
    """With another unit is no reason to point it here; any address of this machine is here."""
    lab.known, lab.mounted_from = ["/nfsroot"], mounted
    out = context.run(context.on.update_status(), state(True, 2, OTHERS, CONTROL))

    assert out.unit_status.name == status
    assert ("apply" in " ".join(lab.done)) is (status == "active")


HOLDER = testing.PeerRelation("servers", peers_data={1: {"holds-data": "true"}})
GUEST = testing.Relation("filesystem", remote_app_name="login")
STANDS_BY = "nfs-server/1 serves; the data of two would differ: remove this unit"


def served(context: testing.Context, given: testing.State) -> testing.State:
    """Run the hook that comes every few minutes, and when leadership moves to a unit."""
    event = context.on.leader_elected() if given.leader else context.on.update_status()
    return context.run(event, given)


@pytest.mark.parametrize("cluster", [(), (CONTROL,)], ids=["alone", "cluster"])
@pytest.mark.parametrize("leads", [True, False])
def test_the_unit_with_the_data_serves(
    context: testing.Context, lab: Lab, cluster: tuple[Any, ...], leads: bool
) -> None:
    """Whoever leads: it goes on to admit nodes, and says nothing of being removed."""
    lab.known = ["/nfsroot"]

    out = served(context, state(leads, 2, OTHERS, *cluster))

    assert lab.done[:2] == ["prepare", "export /nfsroot"]
    assert isinstance(out.unit_status, testing.ActiveStatus)
    assert out.get_relation(OTHERS.id).local_unit_data["holds-data"] == "true"


@pytest.mark.parametrize("cluster", [(), (CONTROL,)], ids=["alone", "cluster"])
@pytest.mark.parametrize("leads", [True, False])
def test_a_unit_without_the_data_stands_by(
    context: testing.Context, lab: Lab, cluster: tuple[Any, ...], leads: bool
) -> None:
    """Also as the leader: it exports nothing and tells related applications nothing."""
    out = served(context, state(leads, 2, HOLDER, GUEST, *cluster))

    assert lab.done == []
    assert (out.unit_status.name, out.unit_status.message) == ("blocked", STANDS_BY)
    assert out.get_relation(GUEST.id).local_app_data == {}
    assert out.get_relation(HOLDER.id).local_unit_data["holds-data"] == "false"


@pytest.mark.parametrize("leads", [True, False])
def test_the_leader_that_stands_by_keeps_the_access(
    context: testing.Context, tmp_path: Path, leads: bool
) -> None:
    """As whoever leads takes the objects away when the application goes."""
    config = render(Access("https://10.0.0.1:6443", "a CA", "a token"))
    served(context, state(leads, 2, HOLDER, kubeconfig=config))

    kept = tmp_path / "var/lib/nfs-server-charm/kubeconfig"
    assert (kept.read_text() if kept.exists() else "") == (config + "\n" if leads else "")


@pytest.mark.parametrize(
    "peers", [(), (testing.PeerRelation("servers", peers_data={1: {}}),)], ids=["none", "silent"]
)
def test_nobody_begins_before_all_have_spoken(
    context: testing.Context, lab: Lab, peers: tuple[Any, ...]
) -> None:
    """The other unit may hold data, and have said nothing yet."""
    out = served(context, state(True, 2, *peers))

    assert (out.unit_status.name, lab.done) == ("waiting", [])
    assert "have not said yet whether one of them holds data" in out.unit_status.message


def test_no_action_begins_either(context: testing.Context, lab: Lab) -> None:
    """For the same reason, in the same words."""
    with pytest.raises(testing.ActionFailed, match="have not said yet whether one of them holds"):
        context.run(context.on.action("sync-objects"), state(True, 2, CONTROL))
    assert lab.done == []


@pytest.mark.parametrize(
    "others", [OTHERS, testing.PeerRelation("servers", peers_data={})], ids=["without", "pending"]
)
def test_the_first_of_several(context: testing.Context, lab: Lab, others: Any) -> None:
    """Is the leader, as no other unit has data; it says so when it has."""
    out = served(context, state(True, 2, others))

    assert out.unit_status.name == "active"
    assert out.get_relation(others.id).local_unit_data["holds-data"] == "true"


def test_the_unit_with_the_data_goes(context: testing.Context, lab: Lab) -> None:
    """Then the one that is left serves, with a folder of its own."""
    out = served(context, state(True, 1, testing.PeerRelation("servers", peers_data={})))

    assert out.unit_status.name == "active"
    assert lab.done == ["prepare", "export /nfsroot"]


@pytest.mark.parametrize("name", ["sync-objects", "remove-objects", "list-objects", "verify"])
def test_actions_are_the_serving_units(context: testing.Context, lab: Lab, name: str) -> None:
    """The leader that stands by names it; nothing is written."""
    with pytest.raises(testing.ActionFailed, match=r"nfs-server/1 serves and \w+ objects"):
        context.run(context.on.action(name), state(True, 2, HOLDER, CONTROL))
    assert lab.done == []


def test_the_serving_unit_acts_though_it_does_not_lead(context: testing.Context, lab: Lab) -> None:
    """As only it can export before it applies."""
    lab.known = ["/nfsroot"]
    context.run(context.on.action("sync-objects"), state(False, 2, OTHERS, CONTROL))
    assert f"apply {HERE}:/nfsroot" in lab.done


def test_two_units_with_data(context: testing.Context, lab: Lab) -> None:
    """As after a move by hand: the first serves on, the other names it and decides nothing."""
    lab.known = ["/nfsroot"]
    assert served(context, state(False, 2, HOLDER)).unit_status.name == "active"

    lab.done.clear()
    first = testing.PeerRelation("servers", peers_data={0: {"holds-data": "true"}})
    second = testing.Context(load("nfs-server").NfsServerCharm, charm_root=CHARM, unit_id=1)
    told = served(second, state(True, 2, first)).unit_status
    assert told.message == (
        "nfs-server/0 holds data too; see which of them clients mount, and remove the other"
    )
    assert lab.done == []


class Silent:
    """A cluster that stopped to answer."""

    def wish(self, *_: Any) -> Wish:
        """Fail."""
        raise ApiError(0, "", "the API cannot be reached: timed out")


def test_what_was_seen_is_told_though_the_cluster_is_silent(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's checks stand; the cluster is one that failed."""
    monkeypatch.setattr(
        checks_module, "server_checks", lambda *_: [Check("service", True, "runs")]
    )
    monkeypatch.setattr(
        checks_module, "mounts", SimpleNamespace(
            configured_checks=lambda *_: [Check("configured", True, "mounted")],
            mount_checks=lambda *_: [Check("mount", True, "mounted")],
        )
    )  # fmt: skip
    monkeypatch.setattr(lab, "exported", lambda *_: [], raising=False)
    monkeypatch.setattr(lab, "wish", Silent().wish)

    with pytest.raises(testing.ActionFailed, match="the API cannot be reached: timed out"):
        context.run(context.on.action("verify"), state(True, 1, CONTROL))

    checks = json.loads((context.action_results or {})["checks"])
    assert [(one["name"], one["ok"]) for one in checks] == [
        ("service", True), ("configured", True), ("mount", True), ("cluster", False),
    ]  # fmt: skip


def test_a_machine_that_fails_in_verify(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails the action in words, and not by a traceback."""

    def fails(*_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(lab, "exported", fails, raising=False)
    with pytest.raises(testing.ActionFailed, match="Read-only file system"):
        context.run(context.on.action("verify"), state())
