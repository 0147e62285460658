"""The provisioner on a cluster: what is wanted of it, what is in its way, how it is applied."""

import time
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Sequence, Tuple

from labcharm.text import some
from labkube.apply.objects import Applied, Comparison, Objects
from labkube.client.api import Api
from nfs_server.cluster import provisioner as provisioner_module
from nfs_server.cluster.provisioner import DEFAULT, Class, Object, Release, Source, name_in
from nfs_server.server import clients

CHARM = "nfs-server"
_BETA = "storageclass.beta.kubernetes.io/is-default-class"
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
# From 1.26 on the newest of several default classes is taken; before, claims are refused.
_TAKES_NEWEST = (1, 26)
# What kubernetes-worker's endpoint `nfs` makes, in its own words.
_WORKERS = "fuseim.pri/ifs"

Wish = NamedTuple("Wish", [("release", Release), ("kind", Class), ("objects", List[Object])])
Volume = NamedTuple(
    "Volume",
    [
        ("name", str),
        ("claim", str),
        ("server", str),
        ("path", str),
        ("provisioner", str),
        ("kind", str),
        ("reclaim", str),
    ],
)


class NoDefaultError(Exception):
    """What would leave the cluster without a default StorageClass."""


class LeftBehindError(Exception):
    """Claims whose volumes nobody could delete any more."""

    def __init__(self, claims: List[str]) -> None:
        super().__init__(some(claims))
        self.claims = claims


class Storage:
    """The StorageClass of one application, and the provisioner behind it.

    Args:
        api: The cluster.
        application: What tells the application from others on the cluster.
        sleep: Waits; handed in for tests.
    """

    def __init__(
        self, api: Api, application: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.api = api
        self.objects = Objects(api, application, CHARM, KINDS, sleep)

    def nodes(self) -> List[str]:
        """Return the InternalIPs of all nodes."""
        found = [
            str(entry.get("address"))
            for node in self.api.list("v1", "Node")
            for entry in (node.get("status") or {}).get("addresses") or []
            if entry.get("type") == "InternalIP"
        ]
        return clients.narrowed(found)

    def wish(self, kind: Class, source: Source, version: str, registry: str) -> Wish:
        """Return what is wanted on this server.

        Raises:
            cluster.provisioner.ReleaseError: When no release fits.
            ApiError: When the API does not answer.
        """
        release = provisioner_module.choose(self.api.version(), version, kind)
        return Wish(release, kind, provisioner_module.objects(release, kind, source, registry))

    def apply(self, wish: Wish, adopt: bool = False) -> Applied:
        """Bring the cluster to what is wanted.

        Raises:
            LeftBehindError: Before anything is written, where a class or provisioner of ours goes
                that volumes need.
            ForeignObjectError: Before anything is written, where somebody else's stand.
            ApiError: When a request fails; the next run goes on.
        """
        behind = self.left_behind(wish.kind)
        if behind:
            raise LeftBehindError(behind)
        return self.objects.apply(wish.objects, adopt)

    def sync(self, wish: Wish, adopt: bool, only_default: bool) -> Applied:
        """Bring the cluster to what is wanted by an administrator's word.

        Args:
            wish: What is wanted.
            adopt: Whether somebody else's objects of these names are taken over.
            only_default: Whether other default classes are made plain ones.

        Raises:
            NoDefaultError: Before anything is written, where ours would not be the default.
            LeftBehindError, ForeignObjectError, ApiError: As `apply`.
        """
        if only_default and not wish.kind.default:
            raise NoDefaultError(
                "only-default=true: default-class is false, so the cluster would have no default"
                " StorageClass; set default-class=true, or leave only-default out"
            )
        done = self.apply(wish, adopt)
        if not only_default:
            return done
        plain = ["StorageClass %s" % name for name in self.only_default(wish.kind)]
        return done._replace(changed=done.changed + plain)

    def compare(self, wish: Wish) -> Comparison:
        """Tell correct, changed, missing and extra objects."""
        return self.objects.compare(wish.objects)

    def not_ready(self, wish: Wish) -> List[str]:
        """Tell whether the provisioner does not serve yet, and its pod's last word on it."""
        deployments = [one for one in wish.objects if one["kind"] == "Deployment"]
        told = self.objects.not_ready(deployments)
        return [text + self._pod_says(deployments[0]) for text in told]

    def _pod_says(self, deployment: Object) -> str:
        """Return the latest warning about the provisioner's pods: mostly a mount that fails."""
        metadata = deployment["metadata"]
        path = "/api/v1/namespaces/%s/events" % metadata["namespace"]
        query = {"fieldSelector": "involvedObject.kind=Pod,type=Warning"}
        events = self.api.request("GET", path, query=query).get("items", [])
        words = [
            str(event.get("message", ""))
            for event in sorted(events, key=_seen_last)
            if event["involvedObject"].get("name", "").startswith(metadata["name"] + "-")
        ]
        if not words:
            return ""
        if any("mount.<type> helper" in word or "mount.nfs" in word for word in words[-3:]):
            return ": its node cannot mount NFS; install nfs-common on every worker"
        return ": %s" % " ".join(words[-1].split())[-160:]

    def remove(self, seconds: float = 60.0) -> List[str]:
        """Take every object of ours away; volumes that claims are bound to stay.

        Returns:
            What is left, and why.
        """
        return self.objects.remove(seconds)

    def served_from(self, kind: Class) -> str:
        """Return the server that the provisioner of ours mounts now; empty without one."""
        metadata = {"name": name_in(kind), "namespace": provisioner_module.NAMESPACE}
        live = self.api.get({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata})
        if live is None or not self.objects.owns(live):
            return ""
        settings = live["spec"]["template"]["spec"]["containers"][0].get("env") or []
        return str({one["name"]: one.get("value") for one in settings}.get("NFS_SERVER") or "")

    # Other classes.

    def other_defaults(self, kind: Class) -> List[Tuple[str, str]]:
        """Return name and provisioner of default classes beside ours."""
        return [
            (one["metadata"]["name"], str(one.get("provisioner", "")))
            for one in self._classes()
            if one["metadata"]["name"] != kind.name and _is_default(one)
        ]

    def class_problem(self, kind: Class) -> Tuple[str, bool]:
        """Say what is wrong with several default classes, and whether claims are refused."""
        others = self.other_defaults(kind) if kind.default else []
        if not others:
            return "", False
        names = some([name for name, _ in others])
        told = "%s is a default StorageClass too; sync-objects only-default=true makes it a plain"
        told = (told + " one, default-class=false ours") % names
        if any(provisioner == _WORKERS for _, provisioner in others):
            told += "; kubernetes-worker's endpoint nfs makes it anew while that is related"
        return told, self.api.version() < _TAKES_NEWEST

    def only_default(self, kind: Class) -> List[str]:
        """Make other default classes plain ones; return their names."""
        names = [name for name, _ in self.other_defaults(kind)]
        for name in names:
            plain = {"metadata": {"annotations": {DEFAULT: "false", _BETA: None}}}
            found = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass"}
            self.api.patch(dict(found, metadata={"name": name}), plain)
        return names

    # Volumes.

    def volumes(self) -> List[Volume]:
        """Return the NFS volumes that claims have, whoever made them, but for our own."""
        return [
            _volume(one)
            for one in self.api.list("v1", "PersistentVolume")
            if one.get("spec", {}).get("nfs")
            and one["spec"].get("claimRef")
            and not self.objects.owns(one)
        ]

    def stranded(
        self,
        provisioner: str,
        is_here: Callable[[str], bool],
        before: Sequence[str],
        after: Sequence[str],
    ) -> List[str]:
        """Name the claims that would lose their folder on this server.

        Args:
            provisioner: Whose volumes have to lie in an export of ours.
            is_here: Tells whether a volume's server is this machine, by any name or address.
            before: Folders that are exported now; others' volumes in them count too.
            after: Folders that will be.
        """
        return [
            "%s in %s" % (volume.claim, volume.path)
            for volume in self.volumes()
            if not _lies_in(volume.path, after)
            and (volume.provisioner == provisioner or _lies_in(volume.path, before))
            and is_here(volume.server)
        ]

    def left_behind(self, kind: Class) -> List[str]:
        """Name the claims whose volumes need a class or a provisioner of ours that goes.

        Upstream's Delete reads the volume's class and fails without it; the volumes of another
        provisioner's name are passed over (v3.1.0 and v4.0.2, provisioner.go).
        """
        ours = {
            one["metadata"]["name"]: str(one.get("provisioner", ""))
            for one in self._classes()
            if self.objects.owns(one)
        }
        going = set(ours) - {kind.name}
        makers = set(ours.values()) - {kind.provisioner}
        return [
            "%s of %s, %s" % (volume.claim, volume.kind, volume.provisioner)
            for volume in self._deletable()
            if volume.kind in going or volume.provisioner in makers
        ]

    def classless(self, kind: Class) -> List[str]:
        """Name the claims, each with its class, whose class is not there any more."""
        there = {kind.name} | {one["metadata"]["name"] for one in self._classes()}
        return [
            "%s of %s" % (volume.claim, volume.kind)
            for volume in self._deletable()
            if volume.provisioner == kind.provisioner and volume.kind not in there
        ]

    def _classes(self) -> List[Object]:
        return self.api.list("storage.k8s.io/v1", "StorageClass")

    def _deletable(self) -> List[Volume]:
        """Return the volumes that a provisioner has to delete with their claim."""
        return [one for one in self.volumes() if one.provisioner and one.reclaim == "Delete"]


def _seen_last(event: Object) -> str:
    """Return when an event was last seen; a list has them by name, which tells nothing of it."""
    made = event.get("metadata", {}).get("creationTimestamp")
    return str(event.get("lastTimestamp") or event.get("eventTime") or made or "")


def _volume(found: Object) -> Volume:
    notes = found["metadata"].get("annotations") or {}
    spec = found["spec"]
    claim = "%s/%s" % (spec["claimRef"].get("namespace", ""), spec["claimRef"].get("name", ""))
    return Volume(
        found["metadata"]["name"],
        claim,
        spec["nfs"]["server"],
        spec["nfs"]["path"],
        notes.get("pv.kubernetes.io/provisioned-by", ""),
        spec.get("storageClassName", ""),
        spec.get("persistentVolumeReclaimPolicy", ""),
    )


def _lies_in(path: str, folders: Iterable[str]) -> bool:
    return any((path + "/").startswith(folder + "/") for folder in folders)


def _is_default(found: Dict[str, Any]) -> bool:
    notes = found["metadata"].get("annotations") or {}
    return "true" in (notes.get(DEFAULT), notes.get(_BETA))
