"""A machine for each test of nvidia-runtime."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return an empty machine."""
    return FakeMachine(tmp_path)
