"""The archive for 18.04 and 20.04 under the Harness of its ops, on the Pythons of both."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from helpers.archives import archive_in
from helpers.interpreters import find_python, missing

TESTS = Path(__file__).resolve().parents[1]


def run_harness(charm: str, harness: Path, version: str, archives: Path, folder: Path) -> str:
    """Unpack the archive and run its harness tests; return the output of unittest."""
    program = find_python(version)
    if not program:
        pytest.skip(missing(version))
    with zipfile.ZipFile(archive_in(archives, charm, "bionic-focal")) as archive:
        archive.extractall(folder / "charm")
    parts = [str(folder / "charm" / name) for name in ("src", "lib", "venv")]
    path = os.pathsep.join([*parts, str(TESTS)])  # for helpers.old_harness
    environment = {**os.environ, "PYTHONPATH": path, "CHARM": str(folder / "charm")}
    done = subprocess.run([program, str(harness)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr
