"""A real Kubernetes API, started once for all tests that ask for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from servers import ApiServer, UnavailableError, binaries


@pytest.fixture(scope="session")
def programs() -> Path:
    """Return the folder with the programs."""
    try:
        return binaries()
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def server(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server for all tests: each keeps to a namespace of its own."""
    started = ApiServer(programs, tmp_path_factory.mktemp("kube"))
    try:
        started.start()
    except UnavailableError as error:
        pytest.skip(str(error))
    yield started
    started.stop()
