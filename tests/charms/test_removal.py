"""The removal of each charm, in every order of hooks in which Juju removes units.

The orders were recorded with Juju 4.0. Juju 4 runs `stop` and `remove` only for a unit that has a
relation of its own, and so each charm has a peer relation.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.charm_projects import read_charmcraft
from labcharm.machine import Machine
from labkube.client import kubeconfig
from labkube.client.access import Access
from labkube.client.api import ApiError

CHARMS = Path(__file__).resolve().parents[2] / "charms"
PEERS = {
    "metallb": "units",
    "nvidia-runtime": "units",
    "nfs-server": "servers",
    "kubeflow-installer": "installers",
}
# For each charm on a cluster: its class, the function that deletes its objects, and its directory.
DELETING = {
    "metallb": ("MetallbCharm", "_remove_objects", "/var/lib/metallb-charm"),
    "nfs-server": ("NfsServerCharm", "_remove_objects", "/var/lib/nfs-server-charm"),
    "kubeflow-installer": (
        "KubeflowInstallerCharm", "_uninstall", "/var/lib/kubeflow-installer-charm",
    ),
}  # fmt: skip
ACCESS = Access("https://10.0.0.1:6443", "CA", "token")
RELATIONS = ("certificates", "kube-control")
ORDERS = {
    "without relations": ["stop", "remove"],
    "peer relation first": ["peer broken", "stop", "remove"],
    "with relations": [
        "certificates departed", "certificates broken", "kube-control departed",
        "kube-control broken", "stop", "remove",
    ],
    "killed in stop": ["peer broken", "killed stop", "stop"],
    "killed in stop, which is not repeated": ["killed stop", "remove"],
}  # fmt: skip


class KilledError(Exception):
    """Stands for the end of the agent within a hook."""


# Files that the charms keep in their directories besides the kubeconfig.
FILES = {
    "kubeflow-installer": ("files/manifests.tar.gz", "built/objects-00.json", "bin/kustomize"),
    "metallb": ("manifest.yaml", "removal"),
}


class SilentApi:
    """An API server that does not answer."""

    is_reached = False

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        raise ApiError(0, "", "the API cannot be reached")


class Removal:
    """A unit of an application that is being removed.

    Attributes:
        deletions: The access of each complete deletion of the application's objects.
        is_killed: Whether the agent is killed while it deletes the objects.
    """

    def __init__(self, name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        class_name, function, directory = DELETING[name]
        monkeypatch.setenv(f"{name.upper().replace('-', '_')}_ROOT", str(root))
        charm = getattr(load(name), class_name)
        monkeypatch.setattr(charm, function, self._delete)
        monkeypatch.setattr("labkube.charm.cluster.Api", SilentApi)
        self.context = testing.Context(charm, charm_root=CHARMS / name)
        self.deletions: list[Access] = []
        self.is_killed = False
        self.machine = Machine(str(root))
        self.directory, self.kubeconfig = directory, f"{directory}/kubeconfig"
        self.peer = PEERS[name]
        self._peer = testing.PeerRelation(self.peer)
        self._related = {relation: testing.Relation(relation) for relation in RELATIONS}
        relations = {self._peer, *self._related.values()}
        self.state = testing.State(leader=True, planned_units=0, relations=relations)

    def _delete(self, access: Access) -> list[str]:
        if self.is_killed:
            raise KilledError
        self.deletions.append(access)
        return []

    def run(self, hook: str) -> None:
        """Run a hook of an order; a broken relation does not exist afterwards."""
        relation, _, kind = hook.rpartition(" ")
        self.is_killed = relation == "killed"
        if kind in ("stop", "remove"):
            self._run(getattr(self.context.on, kind)())
            return
        ending = self._peer if relation == "peer" else self._related[relation]
        event = getattr(self.context.on, f"relation_{kind}")
        self._run(event(ending, remote_unit=0) if kind == "departed" else event(ending))
        if kind == "broken":
            kept = {each for each in self.state.relations if each.id != ending.id}
            self.state = _with_relations(self.state, kept)

    def _run(self, event: Any) -> None:
        try:
            self.state = self.context.run(event, self.state)
        except Exception as error:
            if not self.is_killed:
                raise
            assert "KilledError" in str(error)  # noqa: PT017 - only the simulated end is expected


def _with_relations(state: testing.State, relations: set[Any]) -> testing.State:
    return testing.State(leader=True, planned_units=0, relations=relations)


@pytest.fixture(params=sorted(DELETING))
def removal(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Removal:
    """Return a unit with stored credentials, whose application is being removed."""
    unit = Removal(request.param, tmp_path / "root", monkeypatch)
    kubeconfig.write(unit.machine, unit.kubeconfig, ACCESS)
    for path in FILES.get(request.param, ()):
        unit.machine.write(f"{unit.directory}/{path}", "content\n")
    unit.machine.write("/proc/self/uid_map", "0 100000 65536\n")  # a container serves no NFS
    return unit


@pytest.mark.parametrize("name", sorted(PEERS))
def test_every_charm_has_a_peer_relation(name: str) -> None:
    """Juju 4 would otherwise delete the unit before `stop`."""
    assert list(read_charmcraft(name)["peers"]) == [PEERS[name]]


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_nothing_stays_on_the_cluster_or_the_machine(removal: Removal, order: list[str]) -> None:
    """The objects are deleted once, and no credentials stay."""
    for hook in order:
        removal.run(hook)

    assert removal.deletions == [ACCESS]
    assert not removal.machine.exists(removal.directory)


def test_action_removes_the_credentials_too(
    removal: Removal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later hooks and actions do not write them again."""
    outcome = SimpleNamespace(done=True, remaining=[], retained=[])
    monkeypatch.setattr(
        "kubeflow_installer.uninstall.lifecycle.uninstall", lambda *_: outcome, raising=True
    )
    on, config = removal.context.on, {"kubeconfig": kubeconfig.render(ACCESS)}
    peer = testing.PeerRelation(removal.peer)
    state = testing.State(leader=True, planned_units=1, config=config, relations={peer})
    name = "uninstall" if removal.peer == "installers" else "remove-objects"

    state = removal.context.run(on.action(name), state)
    assert not removal.machine.exists(removal.kubeconfig)
    state = removal.context.run(on.update_status(), state)
    with pytest.raises(testing.ActionFailed):
        removal.context.run(on.action("list-objects"), state)
    assert not removal.machine.exists(removal.kubeconfig)
