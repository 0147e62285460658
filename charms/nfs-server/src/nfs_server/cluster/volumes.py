"""The NFS volumes of a cluster."""

from typing import Callable, Iterable, List, NamedTuple, Sequence

from labcharm.json_types import JsonObject
from labcharm.paths import is_within


class Volume(NamedTuple):
    """A PersistentVolume on NFS that a claim is bound to.

    Attributes:
        name: Its name.
        claim: The claim, NAMESPACE/NAME.
        server: The server, an address or a host name.
        path: Its directory there.
        provisioner: The name of the provisioner that made it; empty when it was made by hand.
        storage_class: The name of its class.
        reclaim_policy: Delete or Retain.
    """

    name: str
    claim: str
    server: str
    path: str
    provisioner: str
    storage_class: str
    reclaim_policy: str

    @property
    def is_deleted_by_provisioner(self) -> bool:
        """Whether a provisioner has to delete it together with its claim."""
        return bool(self.provisioner) and self.reclaim_policy == "Delete"


def read_volume(live: JsonObject) -> Volume:
    """Return the volume of an object of the cluster."""
    annotations = live["metadata"].get("annotations") or {}
    spec = live["spec"]
    claim = spec["claimRef"]
    return Volume(
        name=live["metadata"]["name"],
        claim=f"{claim.get('namespace', '')}/{claim.get('name', '')}",
        server=spec["nfs"]["server"],
        path=spec["nfs"]["path"],
        provisioner=annotations.get("pv.kubernetes.io/provisioned-by", ""),
        storage_class=spec.get("storageClassName", ""),
        reclaim_policy=spec.get("persistentVolumeReclaimPolicy", ""),
    )


def stranded_claims(
    volumes: Iterable[Volume],
    provisioner: str,
    is_local: Callable[[str], bool],
    before: Sequence[str],
    after: Sequence[str],
) -> List[str]:
    """Return the claims that would lose their directory on this server.

    Args:
        volumes: The cluster's volumes.
        provisioner: The provisioner whose volumes have to lie in an export.
        is_local: Returns whether a volume's server is this machine.
        before: The directories that are exported now. Volumes of others in them count too.
        after: The directories that will be exported.
    """
    return [
        f"{volume.claim} in {volume.path}"
        for volume in volumes
        if not _is_in_any(volume.path, after)
        and (volume.provisioner == provisioner or _is_in_any(volume.path, before))
        and is_local(volume.server)
    ]


def claims_elsewhere(
    volumes: Iterable[Volume], provisioner: str, server: str, path: str
) -> List[str]:
    """Return the claims whose volumes a provisioner could not delete on the export that it mounts.

    Args:
        volumes: The cluster's volumes.
        provisioner: The provisioner's name.
        server: The server that it mounts.
        path: The export.
    """
    return [
        f"{volume.claim} on {volume.server}:{volume.path}"
        for volume in volumes
        if volume.provisioner == provisioner
        and volume.is_deleted_by_provisioner
        and not (volume.server == server and is_within(volume.path, path))
    ]


def _is_in_any(path: str, directories: Sequence[str]) -> bool:
    return any(is_within(path, directory) for directory in directories)
