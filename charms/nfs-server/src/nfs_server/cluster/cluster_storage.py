"""The storage of an application on a cluster: its StorageClass, its provisioner, its volumes."""

import time
from typing import Callable, List, NamedTuple, Sequence, Tuple

from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labkube.apply.objects import Applied, Comparison, Objects
from labkube.client.api import Api
from labkube.inspect.events import list_events, messages_about
from nfs_server.cluster.provisioner import DEFAULT_CLASS, NAMESPACE, make_objects
from nfs_server.cluster.releases import Release, choose_release
from nfs_server.cluster.storage_class import ExportSource, StorageClass
from nfs_server.cluster.volumes import Volume, read_volume, stranded_claims
from nfs_server.errors import OrphanedVolumesError
from nfs_server.server import clients

CHARM = "nfs-server"
_BETA_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class"
# Every kind that any version of this charm makes.
KINDS = (
    ("v1", "ServiceAccount"),
    ("v1", "PersistentVolume"),
    ("v1", "PersistentVolumeClaim"),
    ("storage.k8s.io/v1", "StorageClass"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("apps/v1", "Deployment"),
)
# From 1.26 on a server takes the newest of several default classes. Before, it refuses claims.
_TAKES_NEWEST_DEFAULT = (1, 26)
# The provisioner of the class that kubernetes-worker makes for its endpoint `nfs`.
_WORKERS_PROVISIONER = "fuseim.pri/ifs"
_FOREIGN_FIX = "remove it, or take it over with sync-objects adopt=true"


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


class ClusterStorage:
    """The StorageClass of one application, and the provisioner behind it.

    Args:
        api: The cluster.
        application: The identity of the application among others on the cluster.
        sleep: Waits for some seconds; tests pass their own.
    """

    def __init__(
        self, api: Api, application: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.api = api
        self.objects = Objects(api, application, CHARM, KINDS, sleep, foreign_fix=_FOREIGN_FIX)

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
        self, storage_class: StorageClass, source: ExportSource, version: str, registry: str
    ) -> DesiredState:
        """Return the desired state for this cluster.

        Args:
            storage_class: The StorageClass.
            source: The export that volumes are made in.
            version: The provisioner's release; empty for the one that fits the cluster.
            registry: The registry of the image; empty for the release's own.

        Raises:
            ReleaseError: When no release fits.
            ApiError: When the API does not answer.
        """
        release = choose_release(self.api.version(), version, storage_class)
        objects = make_objects(release, storage_class, source, registry)
        return DesiredState(release, storage_class, objects)

    def apply(self, desired: DesiredState, adopt: bool = False) -> Applied:
        """Apply the desired state and prune the application's other objects.

        Raises:
            OrphanedVolumesError: Before anything is written, when a class or a provisioner that
                volumes need would be deleted.
            ForeignObjectError: Before anything is written, when foreign objects have these names.
            ApiError: When a request fails; the next run continues.
        """
        claims = self.orphaned_claims(desired.storage_class)
        if claims:
            raise OrphanedVolumesError(claims)
        return self.objects.apply(desired.objects, adopt)

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
                "only-default=true with default-class=false would leave the cluster without a"
                " default StorageClass; set default-class=true, or leave only-default out"
            )
        applied = self.apply(desired, adopt)
        if not only_default:
            return applied
        names = self.make_only_default(desired.storage_class)
        changed = applied.changed + [f"StorageClass {name}" for name in names]
        return applied._replace(changed=changed)

    def compare(self, desired: DesiredState) -> Comparison:
        """Return which objects are correct, changed, missing and extra."""
        return self.objects.compare(desired.objects)

    def not_ready(self, desired: DesiredState) -> List[str]:
        """Return why the provisioner is not ready, with the last warning about its pods."""
        deployment = next(entry for entry in desired.objects if entry["kind"] == "Deployment")
        reasons = self.objects.not_ready([deployment])
        return [reason + self._pod_warning(deployment) for reason in reasons]

    def _pod_warning(self, deployment: JsonObject) -> str:
        """Return the latest warning about the provisioner's pods, mostly a mount that fails."""
        metadata = deployment["metadata"]
        selector = "involvedObject.kind=Pod,type=Warning"
        events = list_events(self.api, metadata["namespace"], selector)
        messages = messages_about(events, prefix=f"{metadata['name']}-")
        if not messages:
            return ""
        if any(_is_missing_client(message) for message in messages[-3:]):
            return ": its node cannot mount NFS; install nfs-common on every worker"
        return f": {messages[-1][-160:]}"

    def remove(self, seconds: float = 60.0) -> List[str]:
        """Remove every object of the application; volumes that claims are bound to stay.

        Returns:
            What still exists after the wait, and why.
        """
        return self.objects.remove(seconds)

    def mounted_server(self, storage_class: StorageClass) -> str:
        """Return the server that the application's provisioner mounts now; empty without one."""
        metadata = {"name": storage_class.object_name, "namespace": NAMESPACE}
        live = self.api.get({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata})
        if live is None or not self.objects.owns(live):
            return ""
        variables = live["spec"]["template"]["spec"]["containers"][0].get("env") or []
        texts = {variable["name"]: variable.get("value") for variable in variables}
        return str(texts.get("NFS_SERVER") or "")

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

    def make_only_default(self, storage_class: StorageClass) -> List[str]:
        """Stop other classes from being default classes; return their names."""
        names = [name for name, _ in self.other_defaults(storage_class)]
        for name in names:
            live = {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": name},
            }
            annotations = {DEFAULT_CLASS: "false", _BETA_DEFAULT_CLASS: None}
            self.api.patch(live, {"metadata": {"annotations": annotations}})
        return names

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
        names = {live["metadata"]["name"] for live in self._classes()}
        names.add(storage_class.name)
        return [
            f"{volume.claim} of {volume.storage_class}"
            for volume in self.volumes()
            if volume.is_deleted_by_provisioner
            and volume.provisioner == storage_class.provisioner
            and volume.storage_class not in names
        ]

    def _classes(self) -> List[JsonObject]:
        return self.api.list("storage.k8s.io/v1", "StorageClass")


def _is_missing_client(message: str) -> bool:
    """Return whether a mount failed because nfs-common is not installed."""
    return "mount.<type> helper" in message or "mount.nfs" in message


def _is_default(live: JsonObject) -> bool:
    annotations = live["metadata"].get("annotations") or {}
    return "true" in (annotations.get(DEFAULT_CLASS), annotations.get(_BETA_DEFAULT_CLASS))
