"""Directories that the charm nfs-server refuses to export, and clients that it counts as open.

The limits are the charm's own file.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from pathlib import PurePosixPath
from typing import Any

from .release_table import read_table

LIMITS = "src/nfs_server/export_limits.yaml"
EVERYBODY = "*"
# The path at which the charm's metadata has Juju mount its storage, and the default of the charm's
# option `export-root`.
STORAGE_PATH = "/nfsroot"
# The name of that storage in the charm's metadata. A unit has at most one.
STORAGE = "export"
_SEPARATORS = re.compile(r"[,\s]+")


@functools.cache
def _limits() -> dict[str, Any]:
    return read_table("nfs-server", LIMITS)


def split_clients(clients: object) -> list[str]:
    """Return the clients of an option, or of a share in one.

    Args:
        clients: A string of clients, separated by commas or white space, or a list of clients.
    """
    words = _SEPARATORS.split(clients) if isinstance(clients, str) else clients
    return [str(word) for word in words if word != ""] if isinstance(words, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def is_open(client: str) -> bool:
    """Return whether a client stands for everybody, or nearly everybody."""
    if client == EVERYBODY:
        return True
    try:
        network = ipaddress.ip_network(client)
    except ValueError:
        return False
    return network.prefixlen < _limits()["shortest_prefixes"][network.version]


def is_system_directory(directory: str) -> bool:
    """Return whether the charm refuses to export a directory.

    It refuses a directory of the system, a directory below it, and a directory such as ``/srv`` of
    which only the directories below are exported.
    """
    path = PurePosixPath(directory)
    limits = _limits()
    return directory in limits["parent_directories"] or any(
        path.is_relative_to(system) for system in limits["system_directories"]
    )
