"""The provisioner's objects equal upstream's, field by field.

See helpers/recorders/provisioner_objects.py for the fields that may differ.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.nfs.defaults import STORAGE_CLASS
from helpers.recorders.provisioner_objects import digest_row
from labcharm.json_types import JsonObject
from nfs_server.cluster.provisioner import make_objects, variables_of
from nfs_server.cluster.releases import find_release
from nfs_server.cluster.storage_class import ExportSource, StorageClass

UPSTREAM = json.loads((Path(__file__).parent / "objects.json").read_text(encoding="utf-8"))
V3, V4 = find_release("v3.1.0-k8s1.11"), find_release("v4.0.2")
SOURCE = ExportSource("10.0.0.10", "/srv/nfs", ())


def of_kind(objects: list[JsonObject], kind: str) -> JsonObject:
    """Return the object of a kind."""
    return next(manifest for manifest in objects if manifest["kind"] == kind)


def in_default(objects: list[JsonObject]) -> list[JsonObject]:
    """Return objects as they would be in upstream's namespace, without that of the charm."""
    text = json.dumps([manifest for manifest in objects if manifest["kind"] != "Namespace"])
    return list(json.loads(text.replace(f'"{STORAGE_CLASS.namespace}"', '"default"')))


@pytest.mark.parametrize("release", UPSTREAM)
def test_objects_equal_upstreams(release: str) -> None:
    """The same objects with the same content, except for the lock of an election that is off."""
    objects = make_objects(find_release(release), STORAGE_CLASS, SOURCE, "")
    is_elected = release == V3.name
    expected = [row for row in UPSTREAM[release] if is_elected or "locking" not in row[1]]

    assert sorted(map(digest_row, in_default(objects))) == expected


def test_only_a_release_that_elects_a_leader_may_write_endpoints() -> None:
    """One replica needs no leader, and v4.0.2 has a variable for that (main(), provisioner.go)."""
    for release, is_elected in ((V3, True), (V4, False)):
        objects = make_objects(release, STORAGE_CLASS, SOURCE, "")
        pod_spec = of_kind(objects, "Deployment")["spec"]["template"]["spec"]
        texts = variables_of(pod_spec)

        assert texts.get("ENABLE_LEADER_ELECTION") == (None if is_elected else "false")
        assert ("endpoints" in json.dumps(objects)) is is_elected


def test_provisioner_has_a_namespace_of_its_own() -> None:
    """Neither users' pods nor another application get its service account there."""
    objects = make_objects(V3, STORAGE_CLASS, SOURCE._replace(mount_options=("hard",)), "")
    namespaces = {entry["kind"]: entry["metadata"].get("namespace") for entry in objects}
    wide = {"ClusterRole", "ClusterRoleBinding", "StorageClass", "Namespace", "PersistentVolume"}

    inside = {kind: name for kind, name in namespaces.items() if kind not in wide}
    assert set(inside) == {
        "Role", "RoleBinding", "ServiceAccount", "Deployment", "PersistentVolumeClaim",
    }  # fmt: skip
    assert set(inside.values()) == {"nfs-client-provisioner-system"}
    assert {namespaces[kind] for kind in wide & set(namespaces)} == {None}
    (subject,) = of_kind(objects, "ClusterRoleBinding")["subjects"]
    assert subject["namespace"] == "nfs-client-provisioner-system"
    labels = of_kind(objects, "Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "baseline"
    assert labels["app.lab-charms/allow-nfs-export-root"] == "true"


def test_both_releases_share_one_deployment_and_class() -> None:
    """Name and selector stay, so that another release is a change of the image."""
    old, new = (make_objects(release, STORAGE_CLASS, SOURCE, "") for release in (V3, V4))
    old_deployment, new_deployment = of_kind(old, "Deployment"), of_kind(new, "Deployment")

    assert old_deployment["metadata"]["name"] == "nfs-client-provisioner"
    assert new_deployment["metadata"]["name"] == "nfs-client-provisioner"
    assert old_deployment["spec"]["selector"] == new_deployment["spec"]["selector"]
    assert of_kind(old, "StorageClass") == of_kind(new, "StorageClass")


def test_mount_options_reach_class_and_provisioner() -> None:
    """The provisioner mounts by a volume of its own; another source makes another volume."""
    source = SOURCE._replace(mount_options=("nfsvers=4.1", "hard"))
    objects = make_objects(V4, STORAGE_CLASS, source, "")
    claim, volume = of_kind(objects, "PersistentVolumeClaim"), of_kind(objects, "PersistentVolume")
    pod = of_kind(objects, "Deployment")["spec"]["template"]["spec"]

    assert of_kind(objects, "StorageClass")["mountOptions"] == ["nfsvers=4.1", "hard"]
    assert volume["spec"]["mountOptions"] == ["nfsvers=4.1", "hard"]
    assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    moved = make_objects(V4, STORAGE_CLASS, source._replace(server="10.0.0.11"), "")
    assert of_kind(moved, "PersistentVolume")["metadata"]["name"] != volume["metadata"]["name"]


def test_class_follows_the_options() -> None:
    """Name, default flag, policy and parameters."""
    storage_class = StorageClass(
        "slow", False, "lab/slow-nfs", "Retain", False, "retain", "${.PVC.name}"
    )
    objects = make_objects(V4, storage_class, SOURCE, "")
    manifest = of_kind(objects, "StorageClass")

    assert manifest["metadata"]["name"] == "slow"
    assert manifest["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "false"
    }
    assert manifest["reclaimPolicy"] == "Retain"
    assert manifest["parameters"] == {
        "archiveOnDelete": "false", "onDelete": "retain", "pathPattern": "${.PVC.name}",
    }  # fmt: skip
    assert of_kind(objects, "Deployment")["metadata"]["name"] == "slow-nfs"


def test_objects_are_named_by_the_provisioner_without_its_domain() -> None:
    """The part after the slash."""
    assert STORAGE_CLASS.object_name == "nfs-client-provisioner"
