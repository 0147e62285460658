"""The Python versions that this machine has, for tests that run a charm on an old Python."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path


@functools.cache
def find_python(version: str) -> str:
    """Return the path of an interpreter that runs.

    A file of the right name is not enough: pyenv puts a `python3.6` on PATH for every version that
    it has, and the ones that are not active end with exit status 127.

    Args:
        version: Major and minor version, such as "3.6".

    Returns:
        The interpreter's path; empty when no interpreter of this version runs.
    """
    return next((path for path in _candidates(version) if _runs(path, version)), "")


def missing(version: str) -> str:
    """Return the reason for skipping a test that needs an interpreter that is not installed."""
    return f"needs Python {version}, on PATH or under pyenv"


def _candidates(version: str) -> list[str]:
    root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    installed = sorted(root.glob(f"{version}.*/bin/python{version}"), reverse=True)
    on_path = shutil.which(f"python{version}")
    return [*map(str, installed), *([on_path] if on_path else [])]


def _runs(path: str, version: str) -> bool:
    command = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == version
