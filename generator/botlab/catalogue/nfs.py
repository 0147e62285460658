"""What the charm nfs-server takes for a folder to export, and whom it lets mount it.

The charm's own modules (nfs_shares.py, nfs_clients.py) decide; a test holds this one against them.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePosixPath

EVERYBODY = "*"
# Where the charm's metadata has Juju mount its storage; the default of its export-root too.
STORAGE_PATH = "/nfsroot"
# That storage's name in the metadata; there may be one of it.
STORAGE = "export"
# Folders of the system with all in them, and folders that hold others' folders.
_SYSTEM = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root",
    "/run", "/sbin", "/snap", "/sys", "/tmp", "/usr", "/var/cache", "/var/lib/dpkg",  # noqa: S108
    "/var/lib/juju", "/var/lib/nfs", "/var/log", "/var/run",
)  # fmt: skip
_WHOLE = ("/", "/home", "/media", "/mnt", "/opt", "/srv", "/var", "/var/lib")
# A network of fewer bits than these is as open as `*`.
_WIDEST = {4: 8, 6: 16}
_SEPARATORS = re.compile(r"[,\s]+")


def clients(found: object) -> list[str]:
    """Return the clients of an option, or of a share in one: a text between commas, or a list."""
    words = _SEPARATORS.split(found) if isinstance(found, str) else found
    return [str(word) for word in words if word != ""] if isinstance(words, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def is_open(client: str) -> bool:
    """Tell whether a client stands for everybody, or nearly."""
    if client == EVERYBODY:
        return True
    try:
        network = ipaddress.ip_network(client)
    except ValueError:
        return False
    return network.prefixlen < _WIDEST[network.version]


def is_system(folder: str) -> bool:
    """Tell whether a folder is the system's own, or the whole of one that holds others'."""
    path = PurePosixPath(folder)
    return folder in _WHOLE or any(path.is_relative_to(system) for system in _SYSTEM)
