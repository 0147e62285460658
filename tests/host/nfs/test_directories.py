"""Exported directories below real mounts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from nfs_server.server.directories import ExportedDirectories


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Return the root of a machine, and unmount its storage at the end."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount")
    yield tmp_path.resolve()
    subprocess.run(["umount", "-l", str(tmp_path / "nfsroot")], capture_output=True)


def test_storage_over_exported_files_is_detected(root: Path) -> None:
    """It stays mounted, and is taken once nothing lies below it."""
    directories = ExportedDirectories(Machine(str(root)))
    directories.prepare("/nfsroot", "root:root", 0o755, adopt=False)
    (root / "nfsroot/claim").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(root / "nfsroot")], check=True)
    with pytest.raises(BlockedError, match=r"hides files of /nfsroot; .*: claim"):
        directories.prepare_storage("/nfsroot", "root:root", 0o755)
    assert os.path.ismount(root / "nfsroot")

    below = root / "below"
    below.mkdir()
    script = 'mount --bind "$1" "$2"; rmdir "$2/nfsroot/claim"; umount "$2"'
    subprocess.run(["sh", "-ec", script, "sh", str(root), str(below)], check=True)
    directories.prepare_storage("/nfsroot", "root:root", 0o2770)
    assert (root / "nfsroot").stat().st_mode & 0o7777 == 0o2770
