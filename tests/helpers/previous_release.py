"""Archives of the charms as they were before the change of layout, for tests that refresh them.

The archives are made from the repository's own history and kept in a cache directory, so each is
packed once on a machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from helpers.archives import archive_in

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "67127bd"


def previous_archive(charm: str, platform: str) -> Path:
    """Return the archive of a charm at the previous release, packed by that release's packer.

    That packer made one archive for all architectures. It gets the name that today's packer uses
    for this machine, so that other helpers find it in its directory.

    Skips the test where git or the commit is missing, as in a shallow clone.

    Args:
        charm: The charm's name, such as "metallb".
        platform: The packer's platform: "bionic-focal" or "jammy-noble".
    """
    directory = _cache() / f"charms-{COMMIT}"
    archive = archive_in(directory / "dist", charm, platform)
    if not archive.is_file():
        sources = _sources(directory / "sources")
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            command = [sys.executable, str(sources / "charms/packing/pack.py"), charm]
            command += ["--platform", platform, "--output", scratch]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            Path(scratch, f"{charm}_{platform}.charm").replace(archive)
    return archive


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("BOTLAB_CACHE", f"{home}/botlab"))


def _sources(directory: Path) -> Path:
    """Extract the charms of the previous release, whole or not at all."""
    if not directory.is_dir():
        _require_commit()
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
            _extract(Path(scratch) / "sources")
            _move(Path(scratch) / "sources", directory)
    return directory


def _require_commit() -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git, to read the previous release")
    command = ["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"]
    if subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode != 0:
        pytest.skip(f"needs commit {COMMIT} of this repository; a shallow clone lacks it")


def _extract(directory: Path) -> None:
    archive = directory.with_suffix(".tar")
    command = ["git", "archive", "--output", str(archive), COMMIT, "charms"]
    subprocess.run(command, cwd=ROOT, check=True)
    directory.mkdir()
    # Not tarfile, whose `filter` older Pythons lack and newer ones ask for.
    subprocess.run(["tar", "-xf", str(archive), "-C", str(directory)], check=True)


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:  # another test process was faster
        if not target.is_dir():
            raise
