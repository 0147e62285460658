"""Tests of the backend python-libjuju, against a fake controller over TLS and a websocket.

They run in environments of their own (`tox -e libjuju29,libjuju36`), because python-libjuju cannot
share one with the newer package `kubernetes` of the other tests.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.fake_controller import ControllerState, FakeController

try:
    LIBRARY = importlib.metadata.version("juju")
except importlib.metadata.PackageNotFoundError:
    LIBRARY = ""
    collect_ignore_glob = ["test_*.py"]

VERSION = "2.9.51" if LIBRARY.startswith("2.9") else "3.6.11"


@pytest.fixture
def state() -> ControllerState:
    """Return what the controller knows."""
    return ControllerState()


@pytest.fixture
def controller(
    state: ControllerState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeController]:
    """Start a controller of the library's release, and point the environment to it."""
    directory = tmp_path / "controller"
    directory.mkdir()
    with FakeController(VERSION, state, directory) as controller:
        for name, value in controller.environment().items():
            monkeypatch.setenv(name, value)
        yield controller
