"""The path on which a program finds the charm's package and the shared libraries."""

from __future__ import annotations

import os
from pathlib import Path

CHARMS = Path(__file__).resolve().parents[3] / "charms"


def python_path() -> str:
    """Return the PYTHONPATH of a program that imports the charm's package."""
    directories = (CHARMS / "kubeflow-installer/src", CHARMS / "shared/lib")
    return os.pathsep.join(str(directory) for directory in directories)
