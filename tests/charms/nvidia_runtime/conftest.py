"""Fixtures of the tests of nvidia-runtime: a machine, with a scripted apt where it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine

CHARMS = Path(__file__).resolve().parents[3] / "charms"


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return an empty machine."""
    return FakeMachine(tmp_path)


@pytest.fixture
def packages(machine: FakeMachine) -> FakeApt:
    """Give the machine a scripted dpkg and apt without installed packages, and return them."""
    return FakeApt(machine)


@pytest.fixture
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the directory `src` of an unpacked charm, with the shared library beside it."""
    charm = tmp_path_factory.mktemp("charm")
    (charm / "src").mkdir()
    (charm / "src/reconciler").symlink_to(CHARMS / "nvidia-runtime/src/reconciler")
    (charm / "lib").symlink_to(CHARMS / "shared/lib")
    return str(charm / "src")
