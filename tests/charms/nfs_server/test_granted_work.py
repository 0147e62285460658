"""The work of the serving unit on a cluster in memory that authorizes requests."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from helpers.fake_apis.guarded_api import GuardedApi
from helpers.fake_apis.memory_api import MemoryApi
from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from labcharm.machine import Machine
from labkube.apply.objects import Applied, Comparison
from labkube.client.access import Access
from labkube.client.api import ApiError
from labkube.client.identity import ADMIN_GROUP, Identity, narrow_identity
from nfs_server.cluster import policies
from nfs_server.cluster.cluster_storage import KINDS, ClusterStorage, DesiredState
from nfs_server.cluster.status import read_status
from nfs_server.cluster.storage_class import StorageClass
from nfs_server.external import trial
from nfs_server.granted_work import GrantedWork

APPLICATION = "nfs-server.12345678"
NARROW = narrow_identity(APPLICATION, "nfs-server/0")
NARROW_ACCESS, ADMIN_ACCESS = (
    Access("https://10.0.0.5:6443", "CA", token) for token in ("narrow", "root")
)
WIDE = ("StorageClass", policies.POLICY, policies.BINDING)
MOUNTED = SOURCE._replace(mount_options=("hard",))


class Server(MemoryApi):
    """A server with the kinds of the charm.

    Attributes:
        groups: The groups of all connections.
    """

    def __init__(self) -> None:
        wide = [kind for kind in KINDS if kind[1] in WIDE]
        super().__init__((1, 30), (("v1", "Node"), *wide))
        self.groups: list[str] = []

    def kinds(self) -> list[tuple[str, str]]:
        """Return every kind."""
        return [*super().kinds(), ("v1", "ServiceAccount"), ("v1", "Pod")]

    def connect(self, access: Access) -> Any:
        """Connect a client."""
        return closing(self.client(access))

    def client(self, access: Access) -> Any:
        """Return a client."""
        identities = {"root": Identity("admin", ADMIN_GROUP), "narrow": NARROW}
        identity = identities[access.token]
        self.groups.append(identity.group)
        return GuardedApi(self, identity)


class FakeCluster:
    """The charm's access, with an administrator's at hand."""

    def admin_access(self, _: object) -> Access:
        """Return an administrator's access."""
        return ADMIN_ACCESS

    def withdraw_admin_request(self, _: object) -> None:
        """Do nothing."""


@pytest.fixture
def server() -> Server:
    """Return an empty server."""
    return Server()


def remove_leftovers(cluster: ClusterStorage) -> None:
    """Remove what killed trials left."""
    trial.remove_leftovers(Machine(""), cluster)


def work(server: Server) -> GrantedWork:
    """Return the work of a unit."""
    cluster: Any = FakeCluster()
    return GrantedWork(cluster, APPLICATION, server.connect)


def desired(
    cluster: ClusterStorage, storage_class: StorageClass = STORAGE_CLASS, **changes: Any
) -> DesiredState:
    """Return a desired state with policies."""
    protected = policies.protected_export([SOURCE.server], SOURCE.path, [])
    source = changes.get("source", SOURCE)
    return cluster.desired_state(storage_class, source, "", "", protected)


def hook(server: Server, **changes: Any) -> Applied:
    """Do what a hook does, and return what its last pass applied."""

    def desired_state(cluster: ClusterStorage) -> DesiredState:
        return desired(cluster, **changes)

    def apply(cluster: ClusterStorage) -> Applied:
        storage_class = desired_state(cluster).storage_class
        cluster.nodes()
        cluster.mounted_server(storage_class)
        cluster.stranded_claims(storage_class.provisioner, lambda _: True, [], [])
        applied = cluster.apply(desired_state(cluster))
        read_status(cluster, desired_state(cluster), "")
        return applied

    return work(server).run(NARROW_ACCESS, desired_state, apply, None)


@pytest.mark.parametrize("source", [SOURCE, MOUNTED])
def test_second_hook_needs_no_administrator(server: Server, source: Any) -> None:
    hook(server, source=source)
    assert server.groups[:3] == [NARROW.group, ADMIN_GROUP, NARROW.group]
    server.groups.clear()
    server.writes.clear()
    hook(server, source=source)

    assert (server.groups, server.writes) == ([NARROW.group], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"storage_class": STORAGE_CLASS._replace(is_default=False)},
        {"storage_class": STORAGE_CLASS._replace(path_pattern="a")},
    ],
)
def test_change_of_the_class_needs_no_administrator(
    server: Server, changes: dict[str, Any]
) -> None:
    """Its parameters cannot change, so a server that checks them lets it be made again."""
    hook(server)
    server.groups.clear()
    server.writes.clear()
    hook(server, **changes)

    assert server.groups == [NARROW.group]
    assert server.writes == ["PUT StorageClass nfs"]


def test_deleted_provisioner_is_created_again_without_an_administrator(server: Server) -> None:
    hook(server)
    for key in [key for key in server.objects if key[1] in ("Deployment", "ServiceAccount")]:
        del server.objects[key]
    server.groups.clear()
    hook(server)

    assert server.groups == [NARROW.group]
    assert "Deployment" in {key[1] for key in server.objects}


@pytest.mark.parametrize(
    "changes",
    [
        {"storage_class": STORAGE_CLASS._replace(provisioner="cluster.local/b", name="b")},
        {"source": MOUNTED},
        {"storage_class": STORAGE_CLASS._replace(reclaim_policy="Retain")},
    ],
)
def test_change_of_roles_or_rights_needs_an_administrator(
    server: Server, changes: dict[str, Any]
) -> None:
    """The last pass finds everything applied."""
    hook(server)
    server.groups.clear()
    applied = hook(server, **changes)

    assert server.groups[:3] == [NARROW.group, ADMIN_GROUP, NARROW.group]
    assert (applied.created, applied.changed, applied.pruned) == ([], [], [])


@pytest.mark.parametrize("source", [SOURCE, MOUNTED])
def test_objects_are_compared_and_removed_without_an_administrator(
    server: Server, source: Any
) -> None:
    """The roles end with the last object; the server deletes what they own."""
    hook(server, source=source)
    server.groups.clear()
    storage = ClusterStorage(server.client(NARROW_ACCESS), APPLICATION)
    comparison: Comparison = storage.compare(desired(storage, source=source))
    assert (comparison.changed, comparison.missing, comparison.extra) == ([], [], [])

    assert work(server).remove(NARROW_ACCESS, False, remove_leftovers) == []
    assert ADMIN_GROUP not in server.groups
    left = {key[1] for key in server.objects}
    assert left <= {"ClusterRole", "ClusterRoleBinding", "RoleBinding"}
    assert all(key[3].startswith("lab-charms:") for key in server.objects)
    with pytest.raises(ApiError, match="cannot list"):
        storage.nodes()


def test_trial_of_verify_has_its_rights_in_default_alone(server: Server) -> None:
    hook(server)
    api = server.client(NARROW_ACCESS)
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
    for namespace in ("default", "other"):
        manifest = {**claim, "metadata": {"name": "c", "namespace": namespace}}
        if namespace == "default":
            api.create(manifest)
            assert api.delete(manifest)
        else:
            with pytest.raises(ApiError, match="cannot create"):
                api.create(manifest)
