"""The Python versions that this machine has, for what must run on old ones."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def find_python(version: str) -> str:
    """Return the path of an interpreter such as 3.6, under pyenv or on PATH; empty without one."""
    root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    known = sorted(root.glob(f"{version}.*/bin/python{version}"))
    return str(known[-1]) if known else shutil.which(f"python{version}") or ""


def missing(version: str) -> str:
    """Return the reason for skipping what needs an interpreter that is not here."""
    return f"needs Python {version} on PATH or under pyenv"
