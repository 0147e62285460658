"""The storage of an application on a cluster: its StorageClass, its provisioner, its volumes."""

import time
from typing import Callable, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labkube.apply.objects import Applied, Comparison, Objects, merge_runs
from labkube.client.api import Api
from nfs_server.cluster import policies
from nfs_server.cluster.former_provisioners import FormerProvisioners, check_namespace
from nfs_server.cluster.pod_warnings import pod_warning
from nfs_server.cluster.provisioner import (
    DEFAULT_CLASS,
    SERVER_VARIABLE,
    make_objects,
    variables_of,
)
from nfs_server.cluster.releases import Release, choose_release
from nfs_server.cluster.storage_class import ExportSource, StorageClass
from nfs_server.cluster.volumes import Volume, claims_elsewhere, read_volume, stranded_claims
from nfs_server.errors import OrphanedVolumesError
from nfs_server.server import clients

CHARM = "nfs-server"
_BETA_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class"
# Every kind that any version of this charm makes.
KINDS = (
    ("v1", "Namespace"),
    ("v1", "ServiceAccount"),
    ("v1", "PersistentVolume"),
    ("v1", "PersistentVolumeClaim"),
    ("storage.k8s.io/v1", "StorageClass"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("apps/v1", "Deployment"),
    (policies.API_VERSION, policies.POLICY),
    (policies.API_VERSION, policies.BINDING),
)
# From 1.26 on a server takes the newest of several default classes. Before, it refuses claims.
_TAKES_NEWEST_DEFAULT = (1, 26)
# The provisioner of the class that kubernetes-worker makes for its endpoint `nfs`.
_WORKERS_PROVISIONER = "fuseim.pri/ifs"
_FOREIGN_FIX = "delete them, or take them over with sync-objects adopt=true"


class DesiredState(NamedTuple):
    """The desired state of the cluster.

    Attributes:
        release: The provisioner's release.
        storage_class: The StorageClass.
        objects: All objects.
    """

    release: Release
    storage_class: StorageClass
    objects: List[JsonObject]


def merge_syncs(clusters: Iterable["ClusterStorage"], last: Applied) -> Applied:
    """Return what several calls of `sync` did together.

    Args:
        clusters: The object that each call was made on, also of calls that failed.
        last: The result of the last call, which succeeded.
    """
    clusters = list(clusters)
    applied = merge_runs([cluster.objects.written for cluster in clusters], last)
    classes = [name for cluster in clusters for name in cluster.former_defaults]
    return applied._replace(changed=list(dict.fromkeys(applied.changed + classes)))


class ClusterStorage:
    """The StorageClass of one application, and the provisioner behind it.

    Args:
        api: The cluster.
        application: The identity of the application among others on the cluster.
        sleep: Waits for some seconds; tests pass their own.

    Attributes:
        former_defaults: The other classes that `sync` changed so far, also when it failed, such as
            "StorageClass local".
    """

    def __init__(
        self, api: Api, application: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.api, self.application, self._sleep = api, application, sleep
        self.former_defaults: List[str] = []
        self.objects = Objects(api, application, CHARM, KINDS, sleep, foreign_fix=_FOREIGN_FIX)

    def identity(self) -> str:
        """Return the UID of a namespace that each cluster has from its beginning to its end."""
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}}
        return str(((self.api.get(namespace) or {}).get("metadata") or {}).get("uid", ""))

    def nodes(self) -> List[str]:
        """Return the InternalIPs of all nodes."""
        addresses = [
            str(address.get("address"))
            for node in self.api.list("v1", "Node")
            for address in (node.get("status") or {}).get("addresses") or []
            if address.get("type") == "InternalIP"
        ]
        return clients.narrow(addresses)

    def desired_state(
        self,
        storage_class: StorageClass,
        source: ExportSource,
        version: str,
        registry: str,
        protected: Optional[policies.ProtectedExport] = None,
    ) -> DesiredState:
        """Return the desired state for this cluster.

        Args:
            storage_class: The StorageClass.
            source: The export that volumes are made in.
            version: The provisioner's release; empty for the one that fits the cluster.
            registry: The registry of the image; empty for the release's own.
            protected: The export root that admission policies protect where the server has them;
                None without policies.

        Raises:
            ReleaseError: When no release fits.
            ApiError: When the API does not answer.
        """
        release = choose_release(self.api.version(), version, storage_class)
        objects = make_objects(release, storage_class, source, registry)
        if protected is not None and self.has_policies():
            objects += policies.make_policies(storage_class, protected)
        return DesiredState(release, storage_class, objects)

    def has_policies(self) -> bool:
        """Return whether the server has admission policies: it does from Kubernetes 1.30 on."""
        return self.api.has(policies.API_VERSION, policies.POLICY)

    def apply(self, desired: DesiredState, adopt: bool = False) -> Applied:
        """Apply the desired state and prune the application's other objects.

        Raises:
            OrphanedVolumesError: Before anything is written, when a class or a provisioner that
                volumes need would be deleted.
            ForeignObjectError: Before anything is written, when foreign objects have these names,
                or a foreign provisioner has the name of this one.
            WaitingError: When a former provisioner still runs.
            ApiError: When a request fails; the next run continues.
        """
        claims = self.orphaned_claims(desired.storage_class)
        if claims:
            raise OrphanedVolumesError(claims)
        if adopt or self._provisioner(desired.storage_class) is None:
            self._retire_former(desired, adopt)
        return self.objects.apply(desired.objects, adopt)

    def _retire_former(self, desired: DesiredState, adopt: bool) -> None:
        if adopt:
            namespace = self.api.get(desired.objects[0])
            if namespace is not None:
                check_namespace(self.objects, namespace)
        else:
            self.objects.refuse_foreign(desired.objects)
        self.former_provisioners(desired.storage_class).retire(adopt)

    def former_provisioners(self, storage_class: StorageClass) -> FormerProvisioners:
        """Return the provisioners of the class's name outside of the application's namespace."""
        return FormerProvisioners(self.api, self.objects, storage_class, self._sleep)

    def _provisioner(self, storage_class: StorageClass) -> Optional[JsonObject]:
        """Return the live Deployment in the application's namespace."""
        metadata = {"name": storage_class.object_name, "namespace": storage_class.namespace}
        return self.api.get({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata})

    def sync(self, desired: DesiredState, adopt: bool, only_default: bool) -> Applied:
        """Apply the desired state as the administrator asks.

        Args:
            desired: The desired state.
            adopt: Whether foreign objects of these names are taken over.
            only_default: Whether other classes stop being default classes.

        Raises:
            BlockedError: Before anything is written, when the cluster would be left without a
                default class.
            OrphanedVolumesError, ForeignObjectError, ApiError: As `apply`.
        """
        if only_default and not desired.storage_class.is_default:
            raise BlockedError(
                "the cluster would be left without a default StorageClass; set default-class=true,"
                " or omit only-default"
            )
        applied = self.apply(desired, adopt)
        if not only_default:
            return applied
        self._make_only_default(desired.storage_class)
        return applied._replace(changed=applied.changed + self.former_defaults)

    def compare(self, desired: DesiredState) -> Comparison:
        """Return which objects are correct, changed, missing and extra."""
        return self.objects.compare(desired.objects)

    def not_ready(self, desired: DesiredState) -> List[str]:
        """Return why the provisioner is not ready, with the last warning about its pods first."""
        deployment = next(entry for entry in desired.objects if entry["kind"] == "Deployment")
        reasons = self.objects.not_ready([deployment])
        warning = pod_warning(self.api, deployment) if reasons else ""
        return [f"{warning} ({reason})" if warning else reason for reason in reasons]

    def remove(self, seconds: float = 60.0) -> List[str]:
        """Remove every object of the application; volumes that claims are bound to stay.

        Returns:
            What still exists after the wait, and why.
        """
        return self.objects.remove(seconds)

    def mounted_server(self, storage_class: StorageClass) -> str:
        """Return the server that the application's provisioner mounts now; empty without one."""
        live = self._provisioner(storage_class)
        deployments = [live] if live else self.former_provisioners(storage_class).deployments()
        servers = [
            variables_of(deployment["spec"]["template"]["spec"]).get(SERVER_VARIABLE, "")
            for deployment in deployments
            if self.objects.owns(deployment)
        ]
        return servers[0] if servers else ""

    # Classes.

    def other_defaults(self, storage_class: StorageClass) -> List[Tuple[str, str]]:
        """Return name and provisioner of the other default classes."""
        return [
            (live["metadata"]["name"], str(live.get("provisioner", "")))
            for live in self._classes()
            if live["metadata"]["name"] != storage_class.name and _is_default(live)
        ]

    def class_problem(self, storage_class: StorageClass) -> Tuple[str, bool]:
        """Return the problem with several default classes, and whether claims are refused."""
        defaults = self.other_defaults(storage_class) if storage_class.is_default else []
        if not defaults:
            return "", False
        names = summarize([name for name, _ in defaults])
        message = (
            f"{names} is a default StorageClass too; run sync-objects only-default=true, or set"
            " default-class=false"
        )
        if any(provisioner == _WORKERS_PROVISIONER for _, provisioner in defaults):
            message += "; kubernetes-worker creates it again while its endpoint nfs is related"
        return message, self.api.version() < _TAKES_NEWEST_DEFAULT

    def _make_only_default(self, storage_class: StorageClass) -> None:
        for name, _ in self.other_defaults(storage_class):
            live = {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": name},
            }
            annotations = {DEFAULT_CLASS: "false", _BETA_DEFAULT_CLASS: None}
            self.api.patch(live, {"metadata": {"annotations": annotations}})
            self.former_defaults.append(f"StorageClass {name}")

    # Volumes.

    def volumes(self) -> List[Volume]:
        """Return the NFS volumes of claims, except the provisioner's own volume."""
        return [
            read_volume(live)
            for live in self.api.list("v1", "PersistentVolume")
            if live.get("spec", {}).get("nfs")
            and live["spec"].get("claimRef")
            and not self.objects.owns(live)
        ]

    def stranded_claims(
        self,
        provisioner: str,
        is_local: Callable[[str], bool],
        before: Sequence[str],
        after: Sequence[str],
    ) -> List[str]:
        """Return the claims that would lose their directory (see volumes.stranded_claims)."""
        return stranded_claims(self.volumes(), provisioner, is_local, before, after)

    def check_claims_are_on(self, storage_class: StorageClass, source: ExportSource) -> None:
        """Check that the provisioner can delete its volumes after it mounts an export.

        Raises:
            BlockedError: When volumes lie on another export.
        """
        claims = claims_elsewhere(
            self.volumes(), storage_class.provisioner, source.server, source.path
        )
        if claims:
            raise BlockedError(
                "claims lie on another export; set external-export back, or retain their volumes:"
                f" {summarize(claims)}"
            )

    def orphaned_claims(self, storage_class: StorageClass) -> List[str]:
        """Return the claims whose volumes need a class or provisioner that would be deleted.

        Upstream's Delete reads the volume's class and fails without it. It skips the volumes of
        another provisioner's name (v3.1.0 and v4.0.2, provisioner.go).
        """
        owned = {
            live["metadata"]["name"]: str(live.get("provisioner", ""))
            for live in self._classes()
            if self.objects.owns(live)
        }
        removed_classes = set(owned) - {storage_class.name}
        removed_provisioners = set(owned.values()) - {storage_class.provisioner}
        if not removed_classes and not removed_provisioners:
            return []  # the volumes, which may be many, are not read
        return [
            f"{volume.claim} of {volume.storage_class}, {volume.provisioner}"
            for volume in self.volumes()
            if volume.is_deleted_by_provisioner
            and (
                volume.storage_class in removed_classes
                or volume.provisioner in removed_provisioners
            )
        ]

    def classless_claims(self, storage_class: StorageClass) -> List[str]:
        """Return the claims, each with its class, whose class does not exist any more."""
        volumes = [
            volume
            for volume in self.volumes()
            if volume.is_deleted_by_provisioner
            and volume.provisioner == storage_class.provisioner
            and volume.storage_class != storage_class.name
        ]
        if not volumes:
            return []
        names = {live["metadata"]["name"] for live in self._classes()}
        return [
            f"{volume.claim} of {volume.storage_class}"
            for volume in volumes
            if volume.storage_class not in names
        ]

    def _classes(self) -> List[JsonObject]:
        return self.api.list("storage.k8s.io/v1", "StorageClass")


def _is_default(live: JsonObject) -> bool:
    annotations = live["metadata"].get("annotations") or {}
    return "true" in (annotations.get(DEFAULT_CLASS), annotations.get(_BETA_DEFAULT_CLASS))
