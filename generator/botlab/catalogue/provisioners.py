"""The releases of the NFS provisioner that the charm nfs-server installs.

The table is the charm's own file.
"""

from __future__ import annotations

import functools
from typing import Any

from .kubernetes import Version, parse_version
from .release_table import read_table

TABLE = "src/nfs_server/releases.yaml"
# What the action `verify` of nfs-server runs in its pods (its verify/params.py).
TRIAL_IMAGE = "busybox:1.36"


def provisioner_image(kubernetes: Version | None, name: str) -> str | None:
    """Return the image of the provisioner that the charm installs, as upstream names it.

    Args:
        kubernetes: The cluster's Kubernetes release; None when it is not known.
        name: The option ``provisioner-version``; empty for the cluster's default.

    Returns:
        None when the charm has no such release, or the release depends on an unknown cluster.
    """
    row = _named(name) if name else _default(kubernetes)
    return f"{row['registry']}/{row['image']}:{row['name']}" if row else None


@functools.cache
def _rows() -> list[dict[str, Any]]:
    return read_table("nfs-server", TABLE)["releases"]


def _named(name: str) -> dict[str, Any] | None:
    return next((row for row in _rows() if row["name"] == name), None)


def _default(kubernetes: Version | None) -> dict[str, Any] | None:
    """Return the newest release that is installed on a cluster by default."""
    if kubernetes is None:
        return None
    oldest = [(row, row.get("oldest")) for row in _rows()]
    fitting = [row for row, first in oldest if not first or parse_version(first) <= kubernetes]
    return fitting[-1]
