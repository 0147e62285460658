"""Folders for files with keys, which go with the process that made them, or with the next one."""

import os
import re
import shutil
import stat
import tempfile

_FOLDER = re.compile(r"^labkube-(\d+)-(\d*)-")


def folder() -> "tempfile.TemporaryDirectory[str]":
    """Make a folder for files with keys, which `clear_remains` knows."""
    me = os.getpid()
    return tempfile.TemporaryDirectory(prefix="labkube-%d-%s-" % (me, _began(me)))


def clear_remains() -> None:
    """Remove the private folders of processes that were killed before they could.

    A folder is named by its process, with the time that this began, as numbers come again; so
    what another charm's hook has in use on the same machine is left to it.
    """
    top = tempfile.gettempdir()
    for name in os.listdir(top):
        process = _FOLDER.match(name)
        if process and _began(int(process.group(1))) != process.group(2):
            path = os.path.join(top, name)
            if _is_mine_alone(path):
                shutil.rmtree(path, ignore_errors=True)


def _began(process: int) -> str:
    """Return when a process began, in the kernel's ticks; empty where none runs (proc(5))."""
    try:
        with open("/proc/%d/stat" % process, encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _is_mine_alone(path: str) -> bool:
    """Tell whether it is a folder, and no link, that nobody else may use."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    return private and found.st_uid == os.getuid()
