"""What charm.py does before it writes to a cluster, and which of several units serves.

Server and cluster are stood in for by what notes the order of things; the real ones are in
tests/host/test_nfs.py and tests/kube/test_nfs_claims.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from charm_modules import load
from labkube.objects import Applied
from nfs_cluster import Wish
from nfs_provisioner import V4
from ops import testing

CHARM = Path(__file__).resolve().parents[3] / "charms/nfs-server"
CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
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
        """Note from where."""
        (source,) = wish.objects
        self.done.append(f"apply {source.server}:{source.path}")  # type: ignore[attr-defined]
        return Applied([], [], 0, [])

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
