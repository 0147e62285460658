"""Releases that a test makes, with the program that `make dist` runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Any time but that of the last commit.
_ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}


def make_release(root: Path, output: Path) -> Path:
    """Make a release of a source tree in a directory, and return it."""
    command = [sys.executable, str(root / "release/make_release.py"), "--output", str(output)]
    process = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return output
