"""The provisioner, the volumes and the classes of a cluster, on an API of dictionaries."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labkube.apply.objects import Applied
from labkube.client.api import Resource
from labkube.client.references import name_of
from nfs_server.cluster.cluster_storage import KINDS, ClusterStorage, DesiredState
from nfs_server.cluster.provisioner import make_objects
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


class UnreadyApi:
    """An API with a Deployment that is not ready, and events: name, message and times of each."""

    def __init__(self, *events: tuple[str, str, JsonObject]) -> None:
        self._events = events

    def get(self, manifest: JsonObject) -> JsonObject:
        """Return the Deployment as a cluster has it."""
        return {**manifest, "status": {"observedGeneration": 1}}

    def request(self, *_: str, **__: Any) -> JsonObject:
        """Return the events of pods."""
        return {
            "items": [
                {"involvedObject": {"name": name}, "message": message, **times}
                for name, message, times in self._events
            ]
        }


POD = "nfs-client-provisioner-7f"
HELPER = "wrong fs type, bad option, ... you might need a /sbin/mount.<type> helper program"
MOUNT = f"MountVolume.SetUp failed\n{HELPER}"
EARLY, LATE = {"lastTimestamp": "2026-11-25T00:00:01Z"}, {"lastTimestamp": "2026-11-25T00:00:02Z"}
LATEST = {"metadata": {"creationTimestamp": "2026-11-25T00:00:03Z"}, "lastTimestamp": None}


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((), ""),
        (((POD, MOUNT, LATE),),
         ": its node cannot mount NFS; install nfs-common on every worker"),
        (((POD, "Failed to pull  image", LATE),), ": Failed to pull image"),
        ((("foreign-7f", "Failed", LATE),), ""),
        (((POD, "late", LATE), (POD, "early", EARLY)), ": late"),
        (((POD, "latest", LATEST), (POD, "late", LATE)), ": latest"),
        (((POD, "b", LATE), (POD, "c", LATE), (POD, "d", LATE), (POD, MOUNT, EARLY)), ": d"),
    ],
)  # fmt: skip
def test_unready_provisioner_is_reported_with_its_last_warning(
    events: tuple[tuple[str, str, JsonObject], ...], reason: str
) -> None:
    """The last by time; a missing nfs-common by its name."""
    objects = make_objects(V4, STORAGE_CLASS, SOURCE, "")
    storage = ClusterStorage(UnreadyApi(*events), "nfs-server.0")  # type: ignore[arg-type]

    assert summarize(storage.not_ready(DesiredState(V4, STORAGE_CLASS, objects))) == (
        f"Deployment default/nfs-client-provisioner has 0 of 1 ready{reason}"
    )


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
    assert list(map(name_of, old.objects)) == list(map(name_of, new.objects))
    changed = {
        name_of(before)
        for before, after in zip(old.objects, new.objects, strict=True)
        if before != after
    }
    assert changed == {
        "ClusterRole nfs-client-provisioner-runner", "Deployment default/nfs-client-provisioner",
    }  # fmt: skip


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


class StorageApi(MemoryApi):
    """A server that has every kind of the charm."""

    def kinds(self) -> list[tuple[str, str]]:
        """Return the charm's kinds."""
        return list(KINDS)

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are."""
        is_wide = kind.startswith(("Cluster", "Storage")) or kind == "PersistentVolume"
        return Resource(f"/{kind}", kind.lower(), not is_wide)


@pytest.mark.parametrize("only_default", [True, False])
def test_sync_reports_the_classes_that_stop_being_the_default(only_default: bool) -> None:
    annotation = "storageclass.kubernetes.io/is-default-class"
    other: JsonObject = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "local", "annotations": {annotation: "true"}},
        "provisioner": "x/y",
    }
    api: Any = StorageApi((1, 28))
    api.create(other)
    storage = ClusterStorage(api, "nfs-server.0", lambda _: None)
    desired = storage.desired_state(STORAGE_CLASS, SOURCE, "v4.0.2", "")
    assert storage.compare(desired).correct == []
    applied = storage.sync(desired, adopt=False, only_default=only_default)

    assert len(applied.created) == len(desired.objects)
    assert applied.changed == (["StorageClass local"] if only_default else [])
    is_default = api.get(other)["metadata"]["annotations"][annotation]
    assert is_default == ("false" if only_default else "true")
    assert len(storage.compare(desired).correct) == len(desired.objects)
    assert storage.apply(desired) == Applied([], [], len(desired.objects), [])
    assert storage.remove() == []
    assert [key[3] for key in api.objects] == ["local"]
