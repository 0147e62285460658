"""The disk usage of shares and of the directories in them."""

import os
import re
from typing import Callable, ContextManager, Dict, List, Sequence

from labcharm.errors import BlockedError, CharmError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from nfs_server.cluster.cluster_storage import ClusterStorage
from nfs_server.cluster.volumes import Volume
from nfs_server.server.shares import Share

NOTE = "sizes are not enforced: a claim may use more than it asked for"
_SECONDS = 1800.0


def volumes_of(
    connect: Callable[[], ContextManager[ClusterStorage]], provisioner: str
) -> List[Volume]:
    """Return the volumes that a provisioner made; none when the cluster does not answer.

    Args:
        connect: Connects to the cluster.
        provisioner: The provisioner's name.
    """
    try:
        with connect() as cluster:
            volumes = cluster.volumes()
    except CharmError:
        return []
    return [volume for volume in volumes if volume.provisioner == provisioner]


def measure(
    machine: Machine, shares: Sequence[Share], volumes: Sequence[Volume]
) -> List[JsonObject]:
    """Return the bytes of each share, of its file system and of the directories in it.

    Args:
        machine: The machine.
        shares: The shares.
        volumes: The cluster's volumes, whose paths name the claims of directories.

    Raises:
        BlockedError: When the directory of a share does not exist.
    """
    claims = {volume.path.rstrip("/"): volume.claim for volume in volumes}
    return [_measure_share(machine, share, claims) for share in shares]


def _measure_share(machine: Machine, share: Share, claims: Dict[str, str]) -> JsonObject:
    real = machine.path(share.path)
    if not os.path.isdir(real):
        raise BlockedError(
            f"{share.path} ({share.name}) does not exist; the unit's status has the reason"
        )
    command = ["du", "-x", "-B1", f"-d{_depth(share.path, claims)}", real]
    sizes = _parse_sizes(machine.run(command, timeout=_SECONDS).out, real)
    file_system = os.statvfs(real)
    directories = [
        {"folder": path, "bytes": size, "claim": claims.get(f"{share.path}/{path}", "")}
        for path, size in sorted(sizes.items())
        if path and ("/" not in path or f"{share.path}/{path}" in claims)
    ]
    return {
        "name": share.name,
        "path": share.path,
        "bytes": sizes.get("", 0),
        "file-system-bytes": file_system.f_blocks * file_system.f_frsize,
        "free-bytes": file_system.f_bavail * file_system.f_frsize,
        "folders": directories,
    }


def _depth(path: str, claims: Dict[str, str]) -> int:
    """Return the depth that reaches the directories of all claims; at least 1."""
    inner_paths = [claim[len(path) + 1 :] for claim in claims if claim.startswith(f"{path}/")]
    return max([1] + [inner.count("/") + 1 for inner in inner_paths])


def _parse_sizes(text: str, real: str) -> Dict[str, int]:
    """Read the output of `du`; return the bytes of each directory by its path in the share."""
    sizes = {}
    for size, path in re.findall(r"^(\d+)\t(.+)$", text, re.MULTILINE):
        inner = os.path.relpath(path, real)
        sizes["" if inner == "." else inner] = int(size)
    return sizes
