"""The provisioner, the volumes and the classes of a cluster, on an API of dictionaries."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from helpers.nfs.storage_api import StorageApi
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labkube.apply.objects import Applied
from labkube.client.references import name_of
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState, merge_syncs
from nfs_server.cluster.releases import find_release
from nfs_server.cluster.storage_class import StorageClass
from nfs_server.errors import OrphanedVolumesError
from nfs_server.server.local_host import LocalHost

V3, V4 = find_release("v3.1.0-k8s1.11"), find_release("v4.0.2")
OWN_LABELS = {
    "app.lab-charms/application": "nfs-server.0", "app.lab-charms/charm": "nfs-server",
}  # fmt: skip
HELM_PROVISIONER = "cluster.local/nfs-nfs-client-provisioner"


class ListingApi:
    """An API with volumes and classes, which takes no writes."""

    def __init__(self, **objects: list[JsonObject]) -> None:
        self._objects = objects

    def list(self, _: str, kind: str, *__: str) -> list[JsonObject]:
        """Return the objects of a kind."""
        return self._objects.get(kind, [])


def storage_with(**objects: list[JsonObject]) -> ClusterStorage:
    """Return the storage of an application on a cluster with these objects."""
    return ClusterStorage(ListingApi(**objects), "nfs-server.0")  # type: ignore[arg-type]


def volume(
    server: str = "10.0.0.10", provisioner: str = STORAGE_CLASS.provisioner, **spec: Any
) -> JsonObject:
    """Return a volume that the claim default/c is bound to."""
    annotations = {"pv.kubernetes.io/provisioned-by": provisioner} if provisioner else {}
    full_spec = {
        "nfs": {"server": server, "path": "/nfsroot/c"},
        "claimRef": {"namespace": "default", "name": "c"}, "storageClassName": "nfs",
        "persistentVolumeReclaimPolicy": "Delete", **spec,
    }  # fmt: skip
    return {"metadata": {"name": "pv", "annotations": annotations}, "spec": full_spec}


# The volume that the provisioner itself mounts when there are mount options.
OWN_VOLUME = volume(provisioner="", nfs={"server": "10.0.0.10", "path": "/nfsroot"})
OWN_VOLUME["metadata"]["labels"] = OWN_LABELS
OWN_CLASS = {
    "metadata": {"name": "nfs", "labels": OWN_LABELS}, "provisioner": STORAGE_CLASS.provisioner,
}  # fmt: skip
HELM_CLASS = {"metadata": {"name": "helms"}, "provisioner": HELM_PROVISIONER}


@pytest.mark.parametrize(
    ("live", "before", "is_stranded"),
    [
        (volume(), [], True), (volume("192.168.1.10"), [], True), (volume("node0"), [], True),
        (volume("10.0.0.11"), ["/nfsroot"], False), (volume("node1"), ["/nfsroot"], False),
        (volume(provisioner=HELM_PROVISIONER), ["/nfsroot"], True),
        (volume(provisioner=HELM_PROVISIONER), ["/data"], False),
        (volume(provisioner=""), ["/nfsroot"], True),
        (volume(claimRef=None), ["/nfsroot"], False),
        (volume(nfs={"server": "10.0.0.10", "path": "/srv/c"}), ["/nfsroot"], False),
        (OWN_VOLUME, ["/nfsroot"], False),
    ],
)  # fmt: skip
def test_claims_that_would_lose_their_directory_are_named(
    live: JsonObject, before: list[str], is_stranded: bool
) -> None:
    """On this machine by any name, of the provisioner and of others in an exported directory."""
    names = {"node0": ["10.0.0.10"]}
    local_host = LocalHost(["10.0.0.10", "192.168.1.10"], lambda name: names.get(name, []))
    storage = storage_with(PersistentVolume=[live])

    claims = storage.stranded_claims(
        STORAGE_CLASS.provisioner, local_host.matches, before, ["/srv"]
    )

    assert claims == (["default/c in /nfsroot/c"] if is_stranded else [])


@pytest.mark.parametrize(
    ("live", "storage_class", "is_orphaned"),
    [
        (volume(), STORAGE_CLASS, False),
        (volume(), STORAGE_CLASS._replace(name="new"), True),
        (volume(), STORAGE_CLASS._replace(provisioner="lab/nfs"), True),
        (volume(persistentVolumeReclaimPolicy="Retain"), STORAGE_CLASS._replace(name="new"),
         False),
        (volume(storageClassName="helms"), STORAGE_CLASS._replace(name="new"), False),
        (volume(storageClassName="old", provisioner=HELM_PROVISIONER),
         STORAGE_CLASS._replace(provisioner="a/b"), False),
    ],
)  # fmt: skip
def test_volumes_keep_the_class_and_provisioner_that_delete_them(
    live: JsonObject, storage_class: StorageClass, is_orphaned: bool
) -> None:
    """Otherwise the change is refused before anything is written."""
    storage = storage_with(PersistentVolume=[live], StorageClass=[OWN_CLASS, HELM_CLASS])

    if not is_orphaned:
        assert storage.orphaned_claims(storage_class) == []
        return
    message = f"default/c of nfs, {STORAGE_CLASS.provisioner}"
    with pytest.raises(OrphanedVolumesError, match=message):
        storage.apply(DesiredState(V4, storage_class, []))


@pytest.mark.parametrize(
    ("live", "claims"),
    [
        (volume(storageClassName="old"), ["default/c of old"]),
        (volume(), []),
        (volume(storageClassName="helms"), []),
        (volume(storageClassName="old", provisioner=HELM_PROVISIONER), []),
    ],
)
def test_claims_without_their_class_are_named(live: JsonObject, claims: list[str]) -> None:
    """Those that the application's provisioner would have to delete."""
    storage = storage_with(PersistentVolume=[live], StorageClass=[HELM_CLASS])

    assert storage.classless_claims(STORAGE_CLASS) == claims


def test_sync_never_leaves_the_cluster_without_a_default_class() -> None:
    """It is refused before anything is read or written."""
    desired = DesiredState(V4, STORAGE_CLASS._replace(is_default=False), [])

    with pytest.raises(BlockedError, match="without a default StorageClass; set default-class"):
        storage_with().sync(desired, adopt=False, only_default=True)


class UpgradedApi:
    """An API of a server that is upgraded."""

    minor = 19

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return (1, self.minor)


def test_upgrade_from_1_19_to_1_20_replaces_the_provisioner() -> None:
    """The next release has the same names and the same class."""
    api = UpgradedApi()
    storage = ClusterStorage(api, "nfs-server.0")  # type: ignore[arg-type]
    old = storage.desired_state(STORAGE_CLASS, SOURCE, "", "")
    api.minor = 20
    new = storage.desired_state(STORAGE_CLASS, SOURCE, "", "")

    assert (old.release, new.release) == (V3, V4)
    before, after = ({name_of(each): each for each in state.objects} for state in (old, new))
    lock = "nfs-client-provisioner-system/leader-locking-nfs-client-provisioner"
    assert set(before) - set(after) == {f"Role {lock}", f"RoleBinding {lock}"}
    assert {name for name in after if before.get(name) != after[name]} == {
        "ClusterRole nfs-client-provisioner-runner",
        "Deployment nfs-client-provisioner-system/nfs-client-provisioner",
    }


def test_addresses_of_the_nodes_are_their_internal_ones() -> None:
    """A node without a status has none yet."""
    nodes = [
        {
            "status": {
                "addresses": [
                    {"type": "Hostname", "address": "node1"},
                    {"type": "InternalIP", "address": "10.0.0.7"},
                    {"type": "ExternalIP", "address": "192.0.2.7"},
                ]
            }
        },
        {"status": {"addresses": None}},
        {},
        {"status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.8"}]}},
    ]

    assert sorted(storage_with(Node=nodes).nodes()) == ["10.0.0.7", "10.0.0.8"]


ANNOTATION = "storageclass.kubernetes.io/is-default-class"
OTHER_DEFAULT: JsonObject = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "local", "annotations": {ANNOTATION: "true"}},
    "provisioner": "x/y",
}


@pytest.mark.parametrize("only_default", [True, False])
def test_sync_reports_the_classes_that_stop_being_the_default(only_default: bool) -> None:
    api: Any = StorageApi((1, 28))
    api.create(deepcopy(OTHER_DEFAULT))
    storage = ClusterStorage(api, "nfs-server.0", lambda _: None)
    desired = storage.desired_state(STORAGE_CLASS, SOURCE, "v4.0.2", "")
    assert storage.compare(desired).correct == []
    applied = storage.sync(desired, adopt=False, only_default=only_default)

    assert len(applied.created) == len(desired.objects)
    assert applied.changed == (["StorageClass local"] if only_default else [])
    is_default = api.get(OTHER_DEFAULT)["metadata"]["annotations"][ANNOTATION]
    assert is_default == ("false" if only_default else "true")
    assert len(storage.compare(desired).correct) == len(desired.objects)
    assert storage.apply(desired) == Applied([], [], len(desired.objects), [])
    assert storage.remove() == []
    assert [key[3] for key in api.objects] == ["local"]


def test_classes_that_an_earlier_sync_changed_are_reported_too() -> None:
    api: Any = StorageApi((1, 28))
    api.create(deepcopy(OTHER_DEFAULT))
    clusters = [ClusterStorage(api, "nfs-server.0", lambda _: None) for _ in range(2)]
    desired = clusters[0].desired_state(STORAGE_CLASS, SOURCE, "v4.0.2", "")
    # With the rights of an administrator first, and with those of the charm's roles then.
    *_, last = [storage.sync(desired, adopt=False, only_default=True) for storage in clusters]
    assert last == Applied([], [], len(desired.objects), [])

    applied = merge_syncs(clusters, last)

    assert applied.changed == ["StorageClass local"]
    assert (len(applied.created), applied.same) == (len(desired.objects), 0)
