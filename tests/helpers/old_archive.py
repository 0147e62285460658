"""A charm's old archive under the Harness of its ops, on the Pythons of 18.04 and 20.04."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from helpers.interpreters import find_python, missing

TESTS = Path(__file__).resolve().parents[1]
CHARMS = TESTS.parent / "charms"


def run_harness(charm: str, harness: Path, version: str, archives: Path, folder: Path) -> str:
    """Unpack the archive and run its harness; return what unittest says of it."""
    program = find_python(version)
    if not program:
        pytest.skip(missing(version))
    with zipfile.ZipFile(archives / f"{charm}_bionic-focal.charm") as archive:
        archive.extractall(folder / "charm")
    parts = [str(folder / "charm" / name) for name in ("src", "lib", "venv")]
    path = os.pathsep.join([*parts, str(TESTS)])  # for helpers.old_harness
    environment = {**os.environ, "PYTHONPATH": path, "CHARM": str(CHARMS / charm)}
    done = subprocess.run([program, str(harness)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr
