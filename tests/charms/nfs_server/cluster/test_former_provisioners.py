"""Of the provisioners of one name at most one is active, whenever the charm is killed."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from helpers.nfs.storage_api import KilledError, StorageApi
from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonObject
from labkube.apply.objects import ForeignObjectError
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState

NAMESPACE, NAME = STORAGE_CLASS.namespace, STORAGE_CLASS.object_name
SOURCE_WITH_OPTIONS = SOURCE._replace(mount_options=("hard",))


def storage_on(api: Any) -> ClusterStorage:
    """Return the storage of an application on a cluster."""
    return ClusterStorage(api, "nfs-server.0", lambda _: None)


def desired_on(api: Any) -> DesiredState:
    """Return the desired state of a cluster."""
    return storage_on(api).desired_state(STORAGE_CLASS, SOURCE_WITH_OPTIONS, "", "")


def claims_volume() -> JsonObject:
    """Return a volume of the provisioner that a claim is bound to."""
    spec = {
        "nfs": {"server": "10.0.0.10", "path": "/nfsroot/c"}, "storageClassName": "nfs",
        "claimRef": {"namespace": "default", "name": "c"},
        "persistentVolumeReclaimPolicy": "Delete",
    }  # fmt: skip
    annotations = {"pv.kubernetes.io/provisioned-by": STORAGE_CLASS.provisioner}
    metadata = {"name": "pvc-1", "annotations": annotations}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}


def former_cluster() -> StorageApi:
    """Return a cluster on which the former charm had its provisioner in `default`."""
    api = StorageApi((1, 30))
    storage = storage_on(api)
    former = desired_on(api)
    objects = [entry for entry in former.objects if entry["kind"] != "Namespace"]
    for manifest in objects:
        metadata = manifest["metadata"]
        if "namespace" in metadata:
            metadata["namespace"] = "default"
        for subject in manifest.get("subjects", []):
            subject["namespace"] = "default"
    storage.objects.apply(objects)
    api.create(claims_volume())
    api.start_pods()
    return api


def test_provisioner_moves_out_of_the_namespace_default() -> None:
    """Class and volumes stay the same objects; everything else of the old place is deleted."""
    api = former_cluster()
    staying = [
        ("storage.k8s.io", "StorageClass", "", "nfs"),
        ("", "PersistentVolume", "", "pvc-1"),
    ]
    before = [api.objects[key]["metadata"]["uid"] for key in staying]

    applied = storage_on(api).apply(desired_on(api))

    assert f"Deployment {NAMESPACE}/{NAME}" in applied.created
    assert [api.objects[key]["metadata"]["uid"] for key in staying] == before
    assert {key[2] for key in api.objects} == {"", NAMESPACE}
    assert storage_on(api).compare(desired_on(api))[1:] == ([], [], [])
    writes = len(api.writes)
    storage_on(api).apply(desired_on(api))
    assert len(api.writes) == writes


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_killed_migration_never_leaves_two_provisioners(is_done: bool) -> None:
    """Killed before or after any of its writes; the next hook continues."""
    for number in range(1, 100):
        api = former_cluster()
        api.kill_at(number, is_done)
        try:
            storage_on(api).apply(desired_on(api))
        except KilledError:
            assert len(api.active_provisioners()) <= 1
            assert ("", "PersistentVolume", "", "pvc-1") in api.objects
            assert ("storage.k8s.io", "StorageClass", "", "nfs") in api.objects
            api.kill_at(0, is_done)
            storage_on(api).apply(desired_on(api))
            assert storage_on(api).compare(desired_on(api))[1:] == ([], [], [])
            assert api.active_provisioners() == [f"{NAMESPACE}/{NAME}"]
            continue
        assert number > 8, "the migration has eight writes"
        return
    pytest.fail("the migration does not end")


def test_new_provisioner_waits_for_the_pod_of_the_former_one() -> None:
    """Also when the Deployment was deleted by a hook that was killed."""
    api = former_cluster()
    api.ends_pods = False
    message = f"Pod default/{NAME}-x of the former provisioner still runs"

    for _ in range(2):
        with pytest.raises(WaitingError, match=message):
            storage_on(api).apply(desired_on(api))
        assert api.active_provisioners() == [f"default/{NAME}"]

    api.ends_pods = True
    api.end_pods()
    storage_on(api).apply(desired_on(api))
    assert api.active_provisioners() == [f"{NAMESPACE}/{NAME}"]


def foreign_deployment(namespace: str, provisioner: str) -> JsonObject:
    """Return a provisioner that helm made."""
    container = {"name": "a", "env": [{"name": "PROVISIONER_NAME", "value": provisioner}]}
    spec = {"template": {"spec": {"containers": [container]}}}
    metadata = {"name": "helms", "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def test_foreign_provisioner_of_the_same_name_is_replaced_with_adopt_only() -> None:
    """In whatever namespace helm installed it. One of another name stays."""
    api = StorageApi((1, 30))
    api.create(foreign_deployment("storage", STORAGE_CLASS.provisioner))
    api.create(foreign_deployment("nas", "cluster.local/nas"))
    api.start_pods()
    message = r"not made by this application: Deployment storage/helms; replace them"

    with pytest.raises(ForeignObjectError, match=message):
        storage_on(api).apply(desired_on(api))
    assert api.active_provisioners() == ["nas/helms", "storage/helms"]

    storage_on(api).apply(desired_on(api), adopt=True)
    assert api.active_provisioners() == ["nas/helms", f"{NAMESPACE}/{NAME}"]


def test_foreign_provisioner_without_pods_is_left_alone() -> None:
    """An administrator may keep it, scaled to no pods."""
    api = StorageApi((1, 30))
    foreign = foreign_deployment("storage", STORAGE_CLASS.provisioner)
    foreign["spec"]["replicas"] = 0
    api.create(foreign)

    storage_on(api).apply(desired_on(api))

    assert ("apps", "Deployment", "storage", "helms") in api.objects


def test_foreign_objects_are_reported_before_the_former_provisioner_ends() -> None:
    """Otherwise nothing would make volumes until somebody acts."""
    api = former_cluster()
    live = api.objects["rbac.authorization.k8s.io", "ClusterRole", "", f"{NAME}-runner"]
    live["metadata"]["labels"] = {}

    with pytest.raises(ForeignObjectError, match="ClusterRole"):
        storage_on(api).apply(desired_on(api))

    assert api.active_provisioners() == [f"default/{NAME}"]


def test_foreign_namespace_is_not_taken_over() -> None:
    """A removal of the application would delete everything in it."""
    api = StorageApi((1, 30))
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    with pytest.raises(ForeignObjectError, match="Namespace"):
        storage_on(api).apply(desired_on(api))
    with pytest.raises(BlockedError, match="delete it, or set another provisioner-name"):
        storage_on(api).apply(desired_on(api), adopt=True)
    assert len(api.objects) == 1


def test_server_of_the_former_provisioner_counts_before_the_migration() -> None:
    """So a second unit without the data does not take over (see relocation)."""
    api = former_cluster()
    assert storage_on(api).mounted_server(STORAGE_CLASS) == "10.0.0.10"
    storage_on(api).apply(desired_on(api))
    assert storage_on(api).mounted_server(STORAGE_CLASS) == "10.0.0.10"
