"""The record of the directories that related applications were given."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import Machine
from nfs_server.server import client_directories
from nfs_server.server.client_directories import RECORD


def test_record_keeps_earlier_directories(tmp_path: Path) -> None:
    """An addition that changes nothing writes nothing."""
    machine = Machine(str(tmp_path))
    assert client_directories.read(machine) == {}
    assert not client_directories.add(machine, {})
    assert not machine.exists(RECORD)

    assert client_directories.add(machine, {"login": "/nfsroot/login"})
    assert client_directories.add(machine, {"worker": "/srv/apps/worker"})
    assert not client_directories.add(machine, {"login": "/nfsroot/login"})
    assert client_directories.read(machine) == {
        "login": "/nfsroot/login",
        "worker": "/srv/apps/worker",
    }

    client_directories.forget(machine)
    assert client_directories.read(machine) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_invalid_record_counts_as_empty(tmp_path: Path, text: str) -> None:
    """The next addition replaces it."""
    machine = Machine(str(tmp_path))
    machine.write(RECORD, text)

    assert client_directories.read(machine) == {}
    assert client_directories.add(machine, {"login": "/nfsroot/login"})
