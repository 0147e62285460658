"""The reclaim policies of volumes whose claims are deleted, and their descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.old_api import OldApi, live
from kubeflow_installer.uninstall import retained_volumes
from kubeflow_installer.uninstall.retained_volumes import POLICY_BEFORE


def volume(name: str, namespace: str = "kubeflow", phase: str = "Bound", **fields: Any) -> Any:
    """Return a volume with a claim of the same name."""
    annotations = fields.pop("annotations", {})
    spec = {
        "capacity": {"storage": "20Gi"}, "claimRef": {"namespace": namespace, "name": name},
        "persistentVolumeReclaimPolicy": fields.pop("policy", "Delete"), "accessModes": ["a"],
        **(fields or {"nfs": {"server": "10.0.0.10", "path": "/nfsroot/a"}}),
    }  # fmt: skip
    metadata, status = {"annotations": annotations}, {"phase": phase}
    return live(
        "v1", "PersistentVolume", name, owned=False, metadata=metadata, spec=spec, status=status
    )


def set_policies(*existing: Any, delete_data: bool = False) -> tuple[OldApi, list[str]]:
    """Set the policies; return the server and the names of the retained volumes."""
    server = OldApi(*existing)
    api: Any = server
    retained = retained_volumes.set_reclaim_policies(
        api, lambda namespace, _: namespace == "kubeflow", delete_data
    )
    return server, [text.split()[1] for text in retained]


MARKED = {POLICY_BEFORE: "Delete"}
RETAINED = {"policy": "Retain", "annotations": MARKED}


@pytest.mark.parametrize(
    ("before", "delete_data", "is_retained", "policy", "mark"),
    [
        # A volume whose claim is deleted is retained; the mark identifies it afterwards.
        (volume("a"), False, True, "Retain", "Delete"),
        (volume("a", policy="Recycle"), False, True, "Retain", "Recycle"),
        (volume("a", policy="Retain"), False, True, "Retain", "Retain"),
        (volume("a", phase="Available"), False, True, "Retain", "Delete"),
        # Somebody changed the policy back in the meantime.
        (volume("a", annotations=MARKED), False, True, "Retain", "Delete"),
        # With its data it is deleted as its own policy says.
        (volume("a"), True, False, "Delete", None),
        (volume("a", **RETAINED), True, False, "Delete", None),
        (volume("a", policy="Retain"), True, True, "Retain", "Retain"),
        # An earlier uninstall retained it; the data to delete now is other data.
        (volume("a", phase="Released", **RETAINED), True, True, "Retain", "Delete"),
        (volume("a", namespace="gone", **RETAINED), False, True, "Retain", "Delete"),
        # Already released, or another application's.
        (volume("a", phase="Released"), False, False, "Delete", None),
        (volume("a", phase="Failed"), False, False, "Delete", None),
        (volume("a", namespace="lab"), False, False, "Delete", None),
        (volume("a", namespace="lab", policy="Retain"), False, False, "Retain", None),
    ],
)  # fmt: skip
def test_policy_after_an_uninstall(
    before: Any, delete_data: bool, is_retained: bool, policy: str, mark: str | None
) -> None:
    """A second run changes nothing."""
    server, names = set_policies(before, delete_data=delete_data)
    assert names == (["a"] if is_retained else [])
    (after,) = server.objects
    assert after["spec"]["persistentVolumeReclaimPolicy"] == policy
    assert after["metadata"]["annotations"].get(POLICY_BEFORE) == mark
    again, names = set_policies(after, delete_data=delete_data)
    assert (again.patched, names) == ([], ["a"] if is_retained else [])


ON_NODE = {
    "required": {
        "nodeSelectorTerms": [
            {"matchExpressions": [{"key": "kubernetes.io/hostname", "values": ["gpu1"]}]}
        ]
    }
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"nfs": {"server": "10.0.0.10", "path": "/nfsroot/a"}}, "nfs 10.0.0.10:/nfsroot/a"),
        ({"csi": {"driver": "nfs.csi.k8s.io", "volumeHandle": "x#y"}}, "csi nfs.csi.k8s.io x#y"),
        ({"rbd": {"pool": "kube", "image": "a"}}, "rbd kube/a"),
        ({"rbd": {"image": "a"}}, "rbd rbd/a"),
        ({"hostPath": {"path": "/srv/a"}}, "hostPath /srv/a"),
        ({"local": {"path": "/srv/a"}, "nodeAffinity": ON_NODE}, "local /srv/a on gpu1"),
        ({"cinder": {"volumeID": "a"}, "volumeMode": "Filesystem"}, "cinder"),
    ],
)
def test_description_names_claim_size_and_source(source: Any, text: str) -> None:
    described = retained_volumes.describe(volume("pv-1", **source))
    assert described == f"PV pv-1 (kubeflow/pv-1, 20Gi, {text})"
    empty = live("v1", "PersistentVolume", "a", spec={})
    assert retained_volumes.describe(empty) == "PV a (/, ?, ?)"
