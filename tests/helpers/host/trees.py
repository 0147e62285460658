"""A release's own exportfs without a machine: its packages unpacked, its programs run in a chroot.

There is no NFS server behind it: what exportfs reads of one in /proc lies there as plain files. It
reads the files of exports, keeps its table and prints it as it does on a machine.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from helpers.host.machines import bootstrapped, cache_dir, run
from labcharm.machine import CommandResult, Machine

# Unpacked, never set up: base-files for the links of a merged /usr, the others for what is run.
_INCLUDE = "nfs-kernel-server,base-files,coreutils,dash,libc-bin,mount,util-linux"
# nfs-utils of each: 1.3.4 as on Ubuntu 18.04 and 20.04, 2.6.2, 2.8.3.
RELEASES = ("bullseye", "bookworm", "trixie")
_FILES = {
    "etc/exports": "",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/nsswitch.conf": "hosts: files\n",
    # A server of today is there: linux/nfsd/export.h, NFSEXP_ALLFLAGS and NFSEXP_SECINFO_FLAGS.
    "proc/fs/nfsd/filehandle": "",
    "proc/fs/nfsd/export_features": "0x3feff 0xf\n",
}


def tree(release: str) -> Path:
    """Return the folder with a release's files, made where it is not there yet (seconds).

    Raises:
        UnavailableError: When it cannot be made.
    """
    text = "\n".join((release, _INCLUDE, *(f"{name}={body}" for name, body in _FILES.items())))
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = cache_dir() / f"exportfs-{release}-{digest}"
    command = ["mmdebstrap", "--quiet", "--variant=extract", f"--include={_INCLUDE}"]
    return bootstrapped(folder, release, command, _prepare)


def _prepare(root: Path) -> None:
    for name, body in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(body, encoding="utf-8")


class Tree(Machine):
    """A release's files over which one test writes, and its programs.

    Args:
        release: Debian's name of it.
        folder: Where the test's files are.
    """

    def __init__(self, release: str, folder: Path) -> None:
        super().__init__(str(folder / "root"))
        for name in ("up", "work", "root"):
            (folder / name).mkdir(parents=True)
        layers = f"lowerdir={tree(release)},upperdir={folder}/up,workdir={folder}/work"
        run(["mount", "-t", "overlay", "overlay", "-o", layers, self.root])

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Run a command in it; paths that lead into it from outside are its own there."""
        inside = [word.replace(self.root + "/", "/") for word in command]
        return super().run(["chroot", self.root, *inside], timeout)

    def stop(self) -> None:
        """Let it go."""
        run(["umount", "-l", self.root])
