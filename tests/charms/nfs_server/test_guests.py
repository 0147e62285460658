"""Folders that related applications were given."""

from __future__ import annotations

from pathlib import Path

import nfs_guests
import pytest
from labcharm.machine import Machine


def test_kept(tmp_path: Path) -> None:
    """Those before too; nothing is written that is known."""
    machine = Machine(str(tmp_path))
    assert nfs_guests.read(machine) == {}
    assert not nfs_guests.keep(machine, {})
    assert not machine.exists(nfs_guests.PATH)

    assert nfs_guests.keep(machine, {"login": "/nfsroot/login"})
    assert nfs_guests.keep(machine, {"worker": "/srv/apps/worker"})
    assert not nfs_guests.keep(machine, {"login": "/nfsroot/login"})
    assert nfs_guests.read(machine) == {"login": "/nfsroot/login", "worker": "/srv/apps/worker"}

    nfs_guests.forget(machine)
    assert nfs_guests.read(machine) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_record_that_is_none(tmp_path: Path, text: str) -> None:
    """Is as good as none, and the next one is written over it."""
    machine = Machine(str(tmp_path))
    machine.write(nfs_guests.PATH, text)

    assert nfs_guests.read(machine) == {}
    assert nfs_guests.keep(machine, {"login": "/nfsroot/login"})
