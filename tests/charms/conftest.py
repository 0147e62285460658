"""Fixtures of all charms' tests: the packed charms."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack all charms into one directory and return it."""
    directory = tmp_path_factory.mktemp("charms")
    command = [sys.executable, str(ROOT / "charms/packing/pack.py"), "--output", str(directory)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return directory
