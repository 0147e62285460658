"""Machines, and the charm packed and run on them as Juju runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.archives import archive_in, pack_charms
from helpers.host.machines import Machine, UnavailableError, base, why_not
from helpers.host.units import UnitOn

CHARMS = ("nvidia-runtime", "nfs-server")


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charms that work on their machine."""
    folder = tmp_path_factory.mktemp("charms")
    pack_charms(folder, *CHARMS)
    return folder


@pytest.fixture(params=["bookworm", "trixie"])
def release(request: pytest.FixtureRequest) -> str:
    """Name the releases that the tests run on."""
    return str(request.param)


@pytest.fixture
def machine(release: str, tmp_path: Path) -> Iterator[Machine]:
    """Boot a machine of its own for a test."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    number = abs(hash(str(tmp_path))) % 10**6
    try:
        booted = Machine(f"lab{number}", tmp_path / "machine", base(release))
        booted.boot()
    except UnavailableError as error:
        pytest.skip(str(error))
    yield booted
    booted.remove()


@pytest.fixture
def place(machine: Machine, archives: Path) -> Callable[..., UnitOn]:
    """Return what puts a charm's unit on the machine."""

    def placed(charm: str, **env: str) -> UnitOn:
        archive = archive_in(archives, charm, "jammy-noble")
        return UnitOn(machine, archive, f"{charm}/0", env)

    return placed
