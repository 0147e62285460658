"""A real Kubernetes API, started once for all tests that ask for it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError, binaries, newest, of_modules


@pytest.fixture(scope="session")
def programs() -> Path:
    """Return the folder with the programs."""
    try:
        return binaries()
    except UnavailableError as error:
        pytest.skip(str(error))


AGES = {"1.20.2": binaries, "newest": newest}
if os.environ.get("BOTLAB_LONG"):
    AGES["older"] = lambda: of_modules("older")


@pytest.fixture(scope="session", params=AGES)
def age(request: pytest.FixtureRequest) -> Path:
    """Return the folder with the programs of each age; tox -e long takes one more between."""
    try:
        return AGES[request.param]()
    except UnavailableError as error:
        pytest.skip(str(error))


@contextlib.contextmanager
def started(server: ApiServer) -> Iterator[ApiServer]:
    """Run a server while this lasts; skip where it does not start."""
    try:
        server.start()
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def control(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of an age for all tests of a file, with a controller manager."""
    with started(ApiServer(age, tmp_path_factory.mktemp("kube"), manager=True)) as server:
        yield server


@pytest.fixture
def cluster(age: Path, tmp_path: Path) -> Iterator[ApiServer]:
    """Start a server of an age for one test, with a controller manager."""
    with started(ApiServer(age, tmp_path / "kube", manager=True)) as server:
        yield server


@pytest.fixture(scope="session")
def server(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server for all tests: each keeps to a namespace of its own."""
    with started(ApiServer(programs, tmp_path_factory.mktemp("kube"))) as server:
        yield server
