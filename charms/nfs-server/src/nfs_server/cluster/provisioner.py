"""The provisioner's objects: those of upstream, with the names and the class of the options.

Sources: chart stable/nfs-client-provisioner 1.2.8 and nfs-subdir-external-provisioner 4.0.18. The
tests compare the objects with upstream's field by field.
"""

import hashlib
from typing import Dict, List, Tuple

from labcharm.json_types import JsonObject
from nfs_server.cluster.policies import ALLOWING_LABEL
from nfs_server.cluster.releases import Release, image_of
from nfs_server.cluster.storage_class import ExportSource, StorageClass

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
# The environment variables by which a provisioner knows its name and its export.
PROVISIONER_VARIABLE = "PROVISIONER_NAME"
SERVER_VARIABLE, PATH_VARIABLE = "NFS_SERVER", "NFS_PATH"
_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
# Pods with a volume on NFS and with root run at this level of the Pod Security Standards; pods
# with directories of the node do not. The provisioner mounts the export root.
_NAMESPACE_LABELS = {"pod-security.kubernetes.io/enforce": "baseline", ALLOWING_LABEL: "true"}


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
    name, namespace = storage_class.object_name, storage_class.namespace
    objects = [
        _namespace(namespace),
        _object("v1", "ServiceAccount", name, namespace),
        make_class(storage_class, source),
        *_roles(release, name, namespace),
    ]
    volume: JsonObject = {"nfs": {"server": source.server, "path": source.path}}
    if source.mount_options:
        own_volume, own_claim = _own_volume(name, namespace, source)
        objects += [own_volume, own_claim]
        volume = {"persistentVolumeClaim": {"claimName": own_claim["metadata"]["name"]}}
    container = _container(release, storage_class, source, image_of(release, registry))
    return [*objects, _deployment(storage_class, container, volume)]


def _object(
    api_version: str, kind: str, name: str, namespace: str = "", **fields: object
) -> JsonObject:
    metadata: JsonObject = {"name": name, "labels": {"app": "nfs-client-provisioner"}}
    if namespace:
        metadata["namespace"] = namespace
    return dict({"apiVersion": api_version, "kind": kind, "metadata": metadata}, **fields)


def _namespace(name: str) -> JsonObject:
    namespace = _object("v1", "Namespace", name)
    namespace["metadata"]["labels"].update(_NAMESPACE_LABELS)
    return namespace


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


def _roles(release: Release, name: str, namespace: str) -> List[JsonObject]:
    rules = [
        _rule("", "persistentvolumes", *_READ, "create", "delete"),
        _rule("", "persistentvolumeclaims", *_READ, "update"),
        _rule("storage.k8s.io", "storageclasses", *_READ),
        _rule("", "events", "create", "update", "patch"),
    ]
    if release.reads_nodes:
        rules.insert(0, _rule("", "nodes", *_READ))
    cluster_role = f"{name}-runner"
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    roles = [
        _object(f"{_RBAC}/v1", "ClusterRole", cluster_role, rules=rules),
        _binding("ClusterRoleBinding", f"run-{name}", "ClusterRole", cluster_role, subject),
    ]
    if release.election_variable:
        return roles
    role = f"leader-locking-{name}"
    lock_rules = [_rule("", "endpoints", *_READ, "create", "update", "patch")]
    return [
        *roles,
        _object(f"{_RBAC}/v1", "Role", role, namespace, rules=lock_rules),
        _binding("RoleBinding", role, "Role", role, subject),
    ]


def _rule(group: str, resource: str, *verbs: str) -> JsonObject:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}


def _binding(kind: str, name: str, role_kind: str, role: str, subject: JsonObject) -> JsonObject:
    role_ref = {"kind": role_kind, "name": role, "apiGroup": _RBAC}
    namespace = subject["namespace"] if kind == "RoleBinding" else ""
    return _object(f"{_RBAC}/v1", kind, name, namespace, subjects=[subject], roleRef=role_ref)


def _own_volume(name: str, namespace: str, source: ExportSource) -> Tuple[JsonObject, JsonObject]:
    """Return the volume and the claim through which the provisioner mounts the export.

    Neither a volume's source nor the claim that it is bound to can be changed, so another source
    or namespace gets another volume.
    """
    text = " ".join((namespace, source.server, source.path, *source.mount_options))
    suffix = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    shared: JsonObject = {
        "accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem", "storageClassName": "",
    }  # fmt: skip
    volume_spec = dict(
        shared, capacity={"storage": "10Mi"}, mountOptions=list(source.mount_options),
        nfs={"server": source.server, "path": source.path},
        # Upstream has Delete here, which needs a recycler that NFS does not have.
        persistentVolumeReclaimPolicy="Retain",
        claimRef={"namespace": namespace, "name": f"pvc-{suffix}"},
    )  # fmt: skip
    requests = {"requests": {"storage": "10Mi"}}
    claim_spec = dict(shared, resources=requests, volumeName=f"pv-{suffix}")
    return (
        _object("v1", "PersistentVolume", f"pv-{suffix}", spec=volume_spec),
        _object("v1", "PersistentVolumeClaim", f"pvc-{suffix}", namespace, spec=claim_spec),
    )


def _container(
    release: Release, storage_class: StorageClass, source: ExportSource, image: str
) -> JsonObject:
    variables = {
        PROVISIONER_VARIABLE: storage_class.provisioner,
        SERVER_VARIABLE: source.server,
        PATH_VARIABLE: source.path,
    }
    if release.election_variable:
        variables[release.election_variable] = "false"
    return {
        "name": storage_class.object_name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "volumeMounts": [{"name": "nfs-client-root", "mountPath": "/persistentvolumes"}],
        "env": [{"name": name, "value": text} for name, text in variables.items()],
    }


def _deployment(
    storage_class: StorageClass, container: JsonObject, volume: JsonObject
) -> JsonObject:
    name = storage_class.object_name
    labels = {"app": name}
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
    return _object("apps/v1", "Deployment", name, storage_class.namespace, spec=spec)


def variables_of(pod_spec: JsonObject) -> Dict[str, str]:
    """Return the environment variables that the containers of a pod's spec set."""
    containers = pod_spec.get("containers") or []
    return {
        str(variable.get("name")): str(variable.get("value") or "")
        for container in containers
        for variable in container.get("env") or []
    }
