"""What the old archive carries, on the Pythons of 18.04 and 20.04."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from interpreters import find_python, missing

HERE = Path(__file__).resolve().parent
CHARM = HERE.parents[2] / "charms/nfs-server"


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_harness(version: str, archives: Path, tmp_path: Path) -> None:
    """State transitions under ops 1.5."""
    program = find_python(version)
    if not program:
        pytest.skip(missing(version))
    with zipfile.ZipFile(archives / "nfs-server_bionic-focal.charm") as archive:
        archive.extractall(tmp_path / "charm")
    path = os.pathsep.join(str(tmp_path / "charm" / name) for name in ("src", "lib", "venv"))
    environment = {**os.environ, "PYTHONPATH": path, "CHARM": str(CHARM)}
    done = subprocess.run(
        [program, str(HERE / "harness_on_36.py")], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Ran 3 tests" in done.stderr
