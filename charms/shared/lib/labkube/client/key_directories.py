"""Private directories for files with keys.

A directory is removed by the process that created it, or by the next process of any charm if that
one was killed.
"""

import os
import re
import shutil
import stat
import tempfile

from labcharm.processes import is_stale, own_mark

_NAME = re.compile(r"^labkube-(\d+-\d*-.*)")


def create() -> "tempfile.TemporaryDirectory[str]":
    """Create a private directory, whose name `remove_stale` recognizes."""
    return tempfile.TemporaryDirectory(prefix=f"labkube-{own_mark()}")


def remove_stale() -> None:
    """Remove the private directories of processes that were killed before they could.

    The directories that a hook of another charm is using on the same machine stay.
    """
    parent = tempfile.gettempdir()
    for name in os.listdir(parent):
        match = _NAME.match(name)
        if match and is_stale(match.group(1)):
            path = os.path.join(parent, name)
            if _is_private(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_private(path: str) -> bool:
    """Return whether a path is a directory, not a link, that only this user may enter."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    has_mode = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    return has_mode and status.st_uid == os.getuid()
