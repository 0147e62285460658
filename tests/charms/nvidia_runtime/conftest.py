"""Fixtures of the tests of nvidia-runtime: a machine, with a scripted apt where it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return an empty machine."""
    return FakeMachine(tmp_path)


@pytest.fixture
def packages(machine: FakeMachine) -> FakeApt:
    """Give the machine a scripted dpkg and apt without installed packages, and return them."""
    return FakeApt(machine)
