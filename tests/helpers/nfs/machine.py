"""A machine in a directory on which the packed charm nfs-server runs, with programs that record.

The programs answer as on a machine whose NFS server runs and has taken the settings.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from pathlib import Path
from typing import Any

import pytest

from helpers.interpreters import find_python, missing
from helpers.juju.unit import Unit

OWNER = f"{pwd.getpwuid(os.getuid()).pw_name}:{grp.getgrgid(os.getgid()).gr_name}"
_RECORD = 'echo "$(basename "$0") $*" >> "$COMMANDS"\n'
_PROGRAMS = {
    "dpkg-query": 'echo "nfs-kernel-server installed $NFS_UTILS"\n',
    "exportfs": _RECORD + "sed -n 's/^\\(\\/[^ ]*\\) /\\1  /p' "
    '"$NFS_SERVER_ROOT/etc/exports.d/nfs-server.exports" 2> /dev/null || true\n',
    **dict.fromkeys(("systemctl", "rpc.nfsd", "unshare", "modprobe", "apt-get"), _RECORD),
    **dict.fromkeys(("mountpoint", "ip"), ""),
}
# Commands that change nothing on the machine.
_READING = ("exportfs -s", "systemctl is-active")


class ServingMachine:
    """A unit of nfs-server and its machine.

    Args:
        directory: Where both are.
        python: The version of the machine's Python.
        juju: The release line of Juju.
        nfs_utils: The version of nfs-utils.
        versions: What the kernel reports about the versions that it serves.
        threads: The number of threads that the kernel reports.
    """

    def __init__(
        self,
        directory: Path,
        python: str,
        juju: str,
        nfs_utils: str,
        versions: str,
        threads: int,
    ) -> None:
        program = find_python(python)
        if not program:
            pytest.skip(missing(python))
        self.root = directory.resolve() / "root"
        self._commands = directory / "commands"
        programs = directory / "bin"
        programs.mkdir()
        for name, script in _PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}")
            (programs / name).chmod(0o755)
        (programs / "python3").symlink_to(program)
        self.write("proc/self/uid_map", "0 0 4294967295\n")
        self.write("proc/filesystems", "nodev\tnfsd\n")
        self.write("proc/fs/nfsd/versions", f"{versions}\n")
        self.write("proc/fs/nfsd/threads", f"{threads}\n")
        environment = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "NFS_SERVER_ROOT": str(self.root),
            "NFS_UTILS": nfs_utils,
            "COMMANDS": str(self._commands),
        }
        self.unit = Unit(str(directory / "unit"), "nfs-server/0", juju, environment)

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def unpack(self, archive: Path, options: dict[str, Any]) -> None:
        """Unpack an archive over the one before; Juju keeps the charm's own state."""
        charm = Path(self.unit.charm)
        if charm.is_dir():
            for path in charm.iterdir():
                if path.name != ".unit-state.db":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.unit.unpack(str(archive), options)

    def run(self, *hooks: str) -> str:
        """Run hooks, which must succeed; return the last status."""
        for hook in hooks:
            code, output = self.unit.run(hook)
            assert code == 0, (hook, output, self.unit.log())
        return self.unit.status()

    def changing_commands(self) -> list[str]:
        """Return the commands that change the machine, and forget all commands."""
        lines = self._commands.read_text().splitlines() if self._commands.exists() else []
        self._commands.unlink(missing_ok=True)
        return [line for line in lines if not line.startswith(_READING)]

    def snapshot(self) -> dict[str, tuple[int, int, int, str]]:
        """Return inode, mode, time of change and text of every file of the machine."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): _fingerprint(path) for path in files}


def _fingerprint(path: Path) -> tuple[int, int, int, str]:
    stat = path.stat()
    return stat.st_ino, stat.st_mode, stat.st_mtime_ns, path.read_text()
