"""The charm's modules on the path, and a machine for each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHARM = ROOT / "charms/nvidia-runtime"
for folder in (Path(__file__).parent, ROOT / "charms/shared/lib", CHARM / "src"):
    sys.path.insert(0, str(folder))

from fake_machine import FakeMachine  # noqa: E402 - it needs the path above


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return a machine without anything."""
    return FakeMachine(tmp_path)
