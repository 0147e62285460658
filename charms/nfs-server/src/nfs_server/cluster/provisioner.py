"""The provisioner's objects: upstream's, with names and class as the options have them.

Source: chart stable/nfs-client-provisioner 1.2.8 and nfs-subdir-external-provisioner 4.0.18; the
tests hold the objects against upstream's field by field.
"""

import hashlib
import re
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from labkube.charm.releases import ReleaseError

Object = Dict[str, Any]
Version = Tuple[int, int]
NAMESPACE = "default"
DEFAULT = "storageclass.kubernetes.io/is-default-class"
_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
CLASS_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
PROVISIONER_NAME = re.compile(
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$"
)
REGISTRY = re.compile(r"^[A-Za-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)*/?$")

Release = NamedTuple("Release", [("name", str), ("home", str), ("image", str)])
V3 = Release("v3.1.0-k8s1.11", "quay.io", "external_storage/nfs-client-provisioner")
V4 = Release("v4.0.2", "registry.k8s.io", "sig-storage/nfs-subdir-external-provisioner")
# From 1.20 on the server gives no selfLink, without which v3 makes no volume.
_FIRST_OF_V4 = (1, 20)
Class = NamedTuple(
    "Class",
    [
        ("name", str),
        ("default", bool),
        ("provisioner", str),
        ("reclaim", str),
        ("archive", bool),
        ("on_delete", str),
        ("pattern", str),
    ],
)
Source = NamedTuple("Source", [("server", str), ("path", str), ("options", Tuple[str, ...])])


def find(name: str) -> Release:
    """Return a release by its name.

    Raises:
        ReleaseError: When it is not known.
    """
    for release in (V3, V4):
        if release.name == name:
            return release
    raise ReleaseError("%r is not known; write %s or %s" % (name, V3.name, V4.name))


def choose(server: Version, wanted: str, kind: Class) -> Release:
    """Return the release for a server, or the one that is asked for.

    Raises:
        ReleaseError: When that does not run there, or cannot do what the class asks for.
    """
    release = find(wanted) if wanted else V4 if server >= _FIRST_OF_V4 else V3
    if release is V3 and server >= _FIRST_OF_V4:
        told = "provisioner-version: %s makes no volumes on Kubernetes %d.%d, which gives no"
        raise ReleaseError((told + " selfLink; write %s") % (V3.name, *server, V4.name))
    if release is V3:
        for name, value in (("on-delete", kind.on_delete), ("path-pattern", kind.pattern)):
            if value:
                told = "%s: %s knows it not; leave it empty, or set provisioner-version=%s"
                raise ReleaseError(told % (name, V3.name, V4.name))
    return release


def name_in(kind: Class) -> str:
    """Return what the objects are named by: the provisioner's name without its domain."""
    return kind.provisioner.rpartition("/")[2]


def image(release: Release, registry: str) -> str:
    """Return a release's image."""
    return "%s/%s:%s" % (registry or release.home, release.image, release.name)


def objects(release: Release, kind: Class, source: Source, registry: str) -> List[Object]:
    """Return everything that the cluster shall have.

    Args:
        release: The provisioner's.
        kind: The StorageClass.
        source: Where the export is, and how it is mounted.
        registry: Whose image; empty takes the release's own.
    """
    name = name_in(kind)
    found = [
        _object("v1", "ServiceAccount", name, True),
        storage_class(kind, source),
        *_roles(release, name),
    ]
    volume: Object = {"nfs": {"server": source.server, "path": source.path}}
    if source.options:
        mounted = _mounted(name, source)
        found += mounted
        volume = {"persistentVolumeClaim": {"claimName": mounted[1]["metadata"]["name"]}}
    return [*found, _deployment(name, kind, source, image(release, registry), volume)]


def _object(api: str, kind: str, name: str, namespaced: bool = False, **fields: Any) -> Object:
    metadata: Object = {"name": name, "labels": {"app": "nfs-client-provisioner"}}
    if namespaced:
        metadata["namespace"] = NAMESPACE
    return dict({"apiVersion": api, "kind": kind, "metadata": metadata}, **fields)


def storage_class(kind: Class, source: Source) -> Object:
    """Return the StorageClass."""
    parameters = {"archiveOnDelete": "true" if kind.archive else "false"}
    parameters.update({"onDelete": kind.on_delete} if kind.on_delete else {})
    parameters.update({"pathPattern": kind.pattern} if kind.pattern else {})
    found = _object(
        "storage.k8s.io/v1", "StorageClass", kind.name, provisioner=kind.provisioner,
        allowVolumeExpansion=True, reclaimPolicy=kind.reclaim, volumeBindingMode="Immediate",
        parameters=parameters,
    )  # fmt: skip
    if source.options:
        found["mountOptions"] = list(source.options)
    found["metadata"]["annotations"] = {DEFAULT: "true" if kind.default else "false"}
    return found


def _roles(release: Release, name: str) -> List[Object]:
    rules = [
        _rule("", "persistentvolumes", *_READ, "create", "delete"),
        _rule("", "persistentvolumeclaims", *_READ, "update"),
        _rule("storage.k8s.io", "storageclasses", *_READ),
        _rule("", "events", "create", "update", "patch"),
    ]
    if release is V4:
        rules.insert(0, _rule("", "nodes", *_READ))
    locks = [_rule("", "endpoints", *_READ, "create", "update", "patch")]
    wide, narrow = name + "-runner", "leader-locking-" + name
    return [
        _object(_RBAC + "/v1", "ClusterRole", wide, rules=rules),
        _binding("ClusterRoleBinding", "run-" + name, "ClusterRole", wide, name),
        _object(_RBAC + "/v1", "Role", narrow, True, rules=locks),
        _binding("RoleBinding", narrow, "Role", narrow, name),
    ]


def _rule(group: str, resource: str, *verbs: str) -> Object:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}


def _binding(kind: str, name: str, role_kind: str, role: str, account: str) -> Object:
    subject = {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
    ref = {"kind": role_kind, "name": role, "apiGroup": _RBAC}
    narrow = kind == "RoleBinding"
    return _object(_RBAC + "/v1", kind, name, narrow, subjects=[subject], roleRef=ref)


def _mounted(name: str, source: Source) -> List[Object]:
    """Return the volume and claim that the provisioner itself mounts with the site's options.

    A volume's source cannot be changed, so another source makes another volume.
    """
    told = " ".join((source.server, source.path, *source.options))
    own = "%s-%s" % (name, hashlib.sha256(told.encode()).hexdigest()[:8])
    shared: Object = {
        "accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem", "storageClassName": "",
    }  # fmt: skip
    volume = dict(
        shared, capacity={"storage": "10Mi"}, mountOptions=list(source.options),
        nfs={"server": source.server, "path": source.path},
        # Upstream has Delete here, which asks a recycler that NFS does not have.
        persistentVolumeReclaimPolicy="Retain",
        claimRef={"namespace": NAMESPACE, "name": "pvc-" + own},
    )  # fmt: skip
    asked = {"requests": {"storage": "10Mi"}}
    claim = dict(shared, resources=asked, volumeName="pv-" + own)
    return [
        _object("v1", "PersistentVolume", "pv-" + own, spec=volume),
        _object("v1", "PersistentVolumeClaim", "pvc-" + own, True, spec=claim),
    ]


def _deployment(name: str, kind: Class, source: Source, image_name: str, volume: Object) -> Object:
    labels = {"app": name}
    settings: Sequence[Tuple[str, str]] = (
        ("PROVISIONER_NAME", kind.provisioner),
        ("NFS_SERVER", source.server),
        ("NFS_PATH", source.path),
    )
    container = {
        "name": name,
        "image": image_name,
        "imagePullPolicy": "IfNotPresent",
        "volumeMounts": [{"name": "nfs-client-root", "mountPath": "/persistentvolumes"}],
        "env": [{"name": key, "value": value} for key, value in settings],
    }
    pod = {
        "serviceAccountName": name,
        "containers": [container],
        "volumes": [dict({"name": "nfs-client-root"}, **volume)],
    }
    spec = {
        "replicas": 1,
        # Two of them would answer one claim.
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    return _object("apps/v1", "Deployment", name, True, spec=spec)
