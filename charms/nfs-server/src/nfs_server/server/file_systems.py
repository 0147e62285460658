"""The file systems of exported directories."""

import os
from typing import Sequence

from labcharm.machine import Machine
from labcharm.text import summarize
from nfs_server.server.shares import Share

_SUBTREE_CHECK = "subtree_check"


def is_own_file_system(machine: Machine, path: str) -> bool:
    """Return whether a directory is the root of a file system."""
    real = machine.path(path)
    return os.stat(real).st_dev != os.stat(os.path.dirname(real)).st_dev


def exposure(machine: Machine, shares: Sequence[Share]) -> str:
    """Return what the clients of shares can reach beyond the shares; empty when nothing.

    A client that makes up a file handle reaches any file of the exported file system, except on a
    share with the option `subtree_check` (exports(5)). On the export root, the cluster's nodes are
    root there. A directory that does not exist is left out.

    Args:
        machine: The machine.
        shares: The exported shares.
    """
    paths = [
        share.path
        for share in shares
        if _SUBTREE_CHECK not in share.options
        and os.path.isdir(machine.path(share.path))
        and not is_own_file_system(machine, share.path)
    ]
    if not paths:
        return ""
    return (
        f"{summarize(paths)}: not a file system of its own, so clients that make up file handles"
        " reach other files of the same disk (exports(5), no_subtree_check); see the threat model"
    )
