"""The NFS programs of a Debian release without a machine: unpacked, and run in a chroot.

There is no NFS server. The files of /proc that exportfs reads from a server are plain files here.
exportfs reads the export files, keeps its table and prints it as on a machine.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from helpers.host.machines import bootstrapped, cache_dir, run
from labcharm.machine import CommandResult, Machine

# The packages are unpacked, not configured. base-files has the links of a merged /usr; the others
# have the programs that the tests run.
_INCLUDE = "nfs-kernel-server,base-files,coreutils,dash,libc-bin,mount,util-linux"
# They have nfs-utils 1.3.4 (as Ubuntu 18.04 and 20.04), 2.6.2 and 2.8.3.
RELEASES = ("bullseye", "bookworm", "trixie")
_FILES = {
    "etc/exports": "",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/nsswitch.conf": "hosts: files\n",
    # A current server: NFSEXP_ALLFLAGS and NFSEXP_SECINFO_FLAGS of linux/nfsd/export.h.
    "proc/fs/nfsd/filehandle": "",
    "proc/fs/nfsd/export_features": "0x3feff 0xf\n",
}


def tree(release: str) -> Path:
    """Return the directory with a release's files; build it in seconds when it is not cached.

    Raises:
        UnavailableError: When it cannot be built.
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
    """The files and programs of a release, with a writable layer for one test.

    Args:
        release: The name of the release in Debian's archive.
        folder: The directory of the test's layer.
    """

    def __init__(self, release: str, folder: Path) -> None:
        super().__init__(str(folder / "root"))
        for name in ("up", "work", "root"):
            (folder / name).mkdir(parents=True)
        layers = f"lowerdir={tree(release)},upperdir={folder}/up,workdir={folder}/work"
        run(["mount", "-t", "overlay", "overlay", "-o", layers, self.root])

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Run a command in the chroot; paths into the tree are made relative to its root."""
        inside = [word.replace(self.root + "/", "/") for word in command]
        return super().run(["chroot", self.root, *inside], timeout)

    def stop(self) -> None:
        """Unmount the tree."""
        run(["umount", "-l", self.root])
