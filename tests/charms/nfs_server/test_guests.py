"""Folders that related applications were given."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import Machine
from nfs_server import related_clients


def test_kept(tmp_path: Path) -> None:
    """Those before too; nothing is written that is known."""
    machine = Machine(str(tmp_path))
    assert related_clients.read(machine) == {}
    assert not related_clients.keep(machine, {})
    assert not machine.exists(related_clients.PATH)

    assert related_clients.keep(machine, {"login": "/nfsroot/login"})
    assert related_clients.keep(machine, {"worker": "/srv/apps/worker"})
    assert not related_clients.keep(machine, {"login": "/nfsroot/login"})
    assert related_clients.read(machine) == {
        "login": "/nfsroot/login",
        "worker": "/srv/apps/worker",
    }

    related_clients.forget(machine)
    assert related_clients.read(machine) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_record_that_is_none(tmp_path: Path, text: str) -> None:
    """Is as good as none, and the next one is written over it."""
    machine = Machine(str(tmp_path))
    machine.write(related_clients.PATH, text)

    assert related_clients.read(machine) == {}
    assert related_clients.keep(machine, {"login": "/nfsroot/login"})
