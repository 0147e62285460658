"""Folders of the charm nfs-server below real mounts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcharm.machine import Machine
from nfs_server.server.directories import FolderError, Folders


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Give the files of a machine, where nothing is mounted at the end."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount")
    yield tmp_path.resolve()
    subprocess.run(["umount", "-l", str(tmp_path / "nfsroot")], capture_output=True)


def test_a_storage_over_what_was_served(root: Path) -> None:
    """What it hides is seen, and it stays mounted; it is taken once nothing is below."""
    folders = Folders(Machine(str(root)))
    folders.prepare("/nfsroot", "root:root", 0o755, adopt=False)
    (root / "nfsroot/claim").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(root / "nfsroot")], check=True)
    with pytest.raises(FolderError, match=r"hides what /nfsroot held \(claim\)"):
        folders.mounted("/nfsroot", "root:root", 0o755)
    assert os.path.ismount(root / "nfsroot")

    below = root / "below"
    below.mkdir()
    script = 'mount --bind "$1" "$2"; rmdir "$2/nfsroot/claim"; umount "$2"'
    subprocess.run(["sh", "-ec", script, "sh", str(root), str(below)], check=True)
    folders.mounted("/nfsroot", "root:root", 0o2770)
    assert (root / "nfsroot").stat().st_mode & 0o7777 == 0o2770
