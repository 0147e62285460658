"""Our objects are upstream's, field by field; see record_objects.py for what may differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helpers.recorders.provisioner_objects import fact
from nfs_server.cluster.provisioner import (
    V3,
    V4,
    Class,
    ReleaseError,
    Source,
    choose,
    find,
    image,
    objects,
)

FACTS = json.loads((Path(__file__).parent / "objects.json").read_text(encoding="utf-8"))
GUIDE = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")
PLAIN = Source("10.0.0.10", "/srv/nfs", ())


def one(found: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return the object of a kind."""
    return next(item for item in found if item["kind"] == kind)


@pytest.mark.parametrize("release", FACTS)
def test_equal_to_upstreams(release: str) -> None:
    """The same objects with the same content."""
    ours = sorted(fact(found) for found in objects(find(release), GUIDE, PLAIN, ""))

    assert ours == FACTS[release]


@pytest.mark.parametrize(
    ("server", "release"), [((1, 13), V3), ((1, 19), V3), ((1, 20), V4), ((1, 37), V4)]
)
def test_the_release_follows_the_server(server: tuple[int, int], release: object) -> None:
    """v3 up to 1.19, v4 from 1.20 on, where the server gives no selfLink."""
    assert choose(server, "", GUIDE) is release


def test_what_the_server_cannot_run_is_refused() -> None:
    """v3 on 1.20, and what v3 does not know."""
    with pytest.raises(ReleaseError, match=r"makes no volumes on Kubernetes 1\.20"):
        choose((1, 20), V3.name, GUIDE)
    with pytest.raises(ReleaseError, match="path-pattern: v3"):
        choose((1, 13), "", GUIDE._replace(pattern="${.PVC.name}"))
    assert choose((1, 13), V4.name, GUIDE._replace(on_delete="retain")) is V4
    with pytest.raises(ReleaseError, match="'v5' is not known"):
        choose((1, 13), "v5", GUIDE)


def test_both_releases_are_one_deployment() -> None:
    """Name and selector stay, so that the change of the release is a change of the image."""
    old, new = (one(objects(each, GUIDE, PLAIN, ""), "Deployment") for each in (V3, V4))

    assert old["metadata"]["name"] == new["metadata"]["name"] == "nfs-client-provisioner"
    assert old["spec"]["selector"] == new["spec"]["selector"]
    assert one(objects(V3, GUIDE, PLAIN, ""), "StorageClass") == one(
        objects(V4, GUIDE, PLAIN, ""), "StorageClass"
    )


def test_own_registry() -> None:
    """The path of the image stays."""
    assert image(V4, "reg.lab:5000/hub") == (
        "reg.lab:5000/hub/sig-storage/nfs-subdir-external-provisioner:v4.0.2"
    )
    assert image(V3, "") == "quay.io/external_storage/nfs-client-provisioner:v3.1.0-k8s1.11"


def test_mount_options_reach_class_and_provisioner() -> None:
    """The provisioner mounts by a volume of its own; another source makes another volume."""
    source = PLAIN._replace(options=("nfsvers=4.1", "hard"))
    found = objects(V4, GUIDE, source, "")
    claim = one(found, "PersistentVolumeClaim")
    pod = one(found, "Deployment")["spec"]["template"]["spec"]

    assert one(found, "StorageClass")["mountOptions"] == ["nfsvers=4.1", "hard"]
    assert one(found, "PersistentVolume")["spec"]["mountOptions"] == ["nfsvers=4.1", "hard"]
    assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    moved = objects(V4, GUIDE, source._replace(server="10.0.0.11"), "")
    names = {one(each, "PersistentVolume")["metadata"]["name"] for each in (found, moved)}
    assert len(names) == 2


def test_the_class_as_asked_for() -> None:
    """Name, default flag, policy and parameters."""
    kind = Class("slow", False, "lab/slow-nfs", "Retain", False, "retain", "${.PVC.name}")
    found = one(objects(V4, kind, PLAIN, ""), "StorageClass")

    assert found["metadata"]["name"] == "slow"
    assert found["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "false"
    }
    assert found["reclaimPolicy"] == "Retain"
    assert found["parameters"] == {
        "archiveOnDelete": "false", "onDelete": "retain", "pathPattern": "${.PVC.name}",
    }  # fmt: skip
    assert one(objects(V4, kind, PLAIN, ""), "Deployment")["metadata"]["name"] == "slow-nfs"
