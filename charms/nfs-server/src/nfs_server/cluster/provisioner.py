"""The provisioner's objects: those of upstream, with the names and the class of the options.

Sources: chart stable/nfs-client-provisioner 1.2.8 and nfs-subdir-external-provisioner 4.0.18. The
tests compare the objects with upstream's field by field.
"""

import hashlib
from typing import List, Sequence, Tuple

from labcharm.json_types import JsonObject
from nfs_server.cluster.releases import Release, image_of
from nfs_server.cluster.storage_class import ExportSource, StorageClass

NAMESPACE = "default"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]


def make_objects(
    release: Release, storage_class: StorageClass, source: ExportSource, registry: str
) -> List[JsonObject]:
    """Return all objects of the provisioner.

    Args:
        release: The provisioner's release.
        storage_class: The StorageClass.
        source: The export that volumes are made in.
        registry: The registry of the image; empty for the release's own.
    """
    name = storage_class.object_name
    objects = [
        _object("v1", "ServiceAccount", name, True),
        make_class(storage_class, source),
        *_roles(release, name),
    ]
    volume: JsonObject = {"nfs": {"server": source.server, "path": source.path}}
    if source.mount_options:
        own_volume, own_claim = _own_volume(name, source)
        objects += [own_volume, own_claim]
        volume = {"persistentVolumeClaim": {"claimName": own_claim["metadata"]["name"]}}
    image = image_of(release, registry)
    return [*objects, _deployment(storage_class, source, image, volume)]


def _object(
    api_version: str, kind: str, name: str, is_namespaced: bool = False, **fields: object
) -> JsonObject:
    metadata: JsonObject = {"name": name, "labels": {"app": "nfs-client-provisioner"}}
    if is_namespaced:
        metadata["namespace"] = NAMESPACE
    return dict({"apiVersion": api_version, "kind": kind, "metadata": metadata}, **fields)


def make_class(storage_class: StorageClass, source: ExportSource) -> JsonObject:
    """Return the StorageClass object."""
    parameters = {"archiveOnDelete": "true" if storage_class.archive_on_delete else "false"}
    if storage_class.on_delete:
        parameters["onDelete"] = storage_class.on_delete
    if storage_class.path_pattern:
        parameters["pathPattern"] = storage_class.path_pattern
    class_object = _object(
        "storage.k8s.io/v1", "StorageClass", storage_class.name,
        provisioner=storage_class.provisioner, allowVolumeExpansion=True,
        reclaimPolicy=storage_class.reclaim_policy, volumeBindingMode="Immediate",
        parameters=parameters,
    )  # fmt: skip
    if source.mount_options:
        class_object["mountOptions"] = list(source.mount_options)
    is_default = "true" if storage_class.is_default else "false"
    class_object["metadata"]["annotations"] = {DEFAULT_CLASS: is_default}
    return class_object


def _roles(release: Release, name: str) -> List[JsonObject]:
    rules = [
        _rule("", "persistentvolumes", *_READ, "create", "delete"),
        _rule("", "persistentvolumeclaims", *_READ, "update"),
        _rule("storage.k8s.io", "storageclasses", *_READ),
        _rule("", "events", "create", "update", "patch"),
    ]
    if release.reads_nodes:
        rules.insert(0, _rule("", "nodes", *_READ))
    lock_rules = [_rule("", "endpoints", *_READ, "create", "update", "patch")]
    cluster_role, role = f"{name}-runner", f"leader-locking-{name}"
    return [
        _object(f"{_RBAC}/v1", "ClusterRole", cluster_role, rules=rules),
        _binding("ClusterRoleBinding", f"run-{name}", "ClusterRole", cluster_role, name),
        _object(f"{_RBAC}/v1", "Role", role, True, rules=lock_rules),
        _binding("RoleBinding", role, "Role", role, name),
    ]


def _rule(group: str, resource: str, *verbs: str) -> JsonObject:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}


def _binding(kind: str, name: str, role_kind: str, role: str, account: str) -> JsonObject:
    subject = {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
    role_ref = {"kind": role_kind, "name": role, "apiGroup": _RBAC}
    is_namespaced = kind == "RoleBinding"
    return _object(f"{_RBAC}/v1", kind, name, is_namespaced, subjects=[subject], roleRef=role_ref)


def _own_volume(name: str, source: ExportSource) -> Tuple[JsonObject, JsonObject]:
    """Return the volume and the claim through which the provisioner mounts the export.

    A volume's source cannot be changed, so another source gets another volume.
    """
    text = " ".join((source.server, source.path, *source.mount_options))
    suffix = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    shared: JsonObject = {
        "accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem", "storageClassName": "",
    }  # fmt: skip
    volume_spec = dict(
        shared, capacity={"storage": "10Mi"}, mountOptions=list(source.mount_options),
        nfs={"server": source.server, "path": source.path},
        # Upstream has Delete here, which needs a recycler that NFS does not have.
        persistentVolumeReclaimPolicy="Retain",
        claimRef={"namespace": NAMESPACE, "name": f"pvc-{suffix}"},
    )  # fmt: skip
    requests = {"requests": {"storage": "10Mi"}}
    claim_spec = dict(shared, resources=requests, volumeName=f"pv-{suffix}")
    return (
        _object("v1", "PersistentVolume", f"pv-{suffix}", spec=volume_spec),
        _object("v1", "PersistentVolumeClaim", f"pvc-{suffix}", True, spec=claim_spec),
    )


def _deployment(
    storage_class: StorageClass, source: ExportSource, image: str, volume: JsonObject
) -> JsonObject:
    name = storage_class.object_name
    labels = {"app": name}
    variables: Sequence[Tuple[str, str]] = (
        ("PROVISIONER_NAME", storage_class.provisioner),
        ("NFS_SERVER", source.server),
        ("NFS_PATH", source.path),
    )
    container = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "volumeMounts": [{"name": "nfs-client-root", "mountPath": "/persistentvolumes"}],
        "env": [{"name": variable, "value": text} for variable, text in variables],
    }
    pod_spec = {
        "serviceAccountName": name,
        "containers": [container],
        "volumes": [dict({"name": "nfs-client-root"}, **volume)],
    }
    spec = {
        "replicas": 1,
        # Two provisioners would answer one claim.
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod_spec},
    }
    return _object("apps/v1", "Deployment", name, True, spec=spec)
