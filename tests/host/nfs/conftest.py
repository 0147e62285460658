"""Two machines for all tests of this directory: a server with the charm, and a client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.host.pairs import Pair
from helpers.host.vms import UnavailableError


@pytest.fixture(scope="package")
def pair(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Return a machine that the charm made a server, and one that mounts."""
    try:
        machines = Pair(tmp_path_factory.mktemp("vms"), archives)
    except UnavailableError as error:
        pytest.skip(str(error))
    try:
        assert machines.install() == "active: 1 directory exported to 1 client"
        yield machines
    finally:
        machines.stop()
