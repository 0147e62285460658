"""What shares and the folders of claims take up."""

import os
import re
from typing import Any, Callable, ContextManager, Dict, List, Sequence

from labcharm.machine import Machine
from labkube.client.access import MissingError
from labkube.client.api import ApiError
from labkube.client.kubeconfig import KubeconfigError
from nfs_server.cluster.storage import Storage, Volume
from nfs_server.shares import Share

NOTE = "sizes are not enforced: a claim may take up more than it asked for"
_LIMIT = 1800.0


def volumes_of(reach: Callable[[], ContextManager[Storage]], provisioner: str) -> List[Volume]:
    """Return the volumes that a provisioner made; none where the cluster does not answer.

    Args:
        reach: Reaches the cluster.
        provisioner: Its name; sizes are told without its volumes too.
    """
    try:
        with reach() as cluster:
            return [one for one in cluster.volumes() if one.provisioner == provisioner]
    except (MissingError, ApiError, KubeconfigError):
        return []


def usage(machine: Machine, shares: Sequence[Share], volumes: Sequence[Volume]) -> List[Any]:
    """Return, for each share, its file system's bytes, its own, and those of its folders.

    Args:
        machine: The machine.
        shares: The shares.
        volumes: The cluster's volumes, by whose paths folders are told to be claims'.
    """
    claims = {volume.path.rstrip("/"): volume.claim for volume in volumes}
    return [_of_share(machine, share, claims) for share in shares]


def _of_share(machine: Machine, share: Share, claims: Dict[str, str]) -> Dict[str, Any]:
    real = machine.path(share.path)
    depth = _deepest(share.path, claims)
    command = ["du", "-x", "-B1", "-d%d" % depth, real]
    sizes = _sizes(machine.run(command, timeout=_LIMIT).out, real)
    held = os.statvfs(real)
    folders = [
        {"folder": path, "bytes": size, "claim": claims.get("%s/%s" % (share.path, path), "")}
        for path, size in sorted(sizes.items())
        if path and (path.count("/") == 0 or "%s/%s" % (share.path, path) in claims)
    ]
    return {
        "name": share.name,
        "path": share.path,
        "bytes": sizes.get("", 0),
        "file-system-bytes": held.f_blocks * held.f_frsize,
        "free-bytes": held.f_bavail * held.f_frsize,
        "folders": folders,
    }


def _deepest(path: str, claims: Dict[str, str]) -> int:
    inside = [claim[len(path) + 1 :] for claim in claims if claim.startswith(path + "/")]
    return max([1] + [inner.count("/") + 1 for inner in inside])


def _sizes(text: str, real: str) -> Dict[str, int]:
    found = {}
    for line in text.splitlines():
        row = re.match(r"^(\d+)\t(.*)$", line)
        if row:
            inner = os.path.relpath(row.group(2), real)
            found["" if inner == "." else inner] = int(row.group(1))
    return found
