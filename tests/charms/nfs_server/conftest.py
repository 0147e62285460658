"""The charm nfs-server on a fake machine and a fake cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.nfs.defaults import CHARM
from helpers.nfs.lab import Lab


@pytest.fixture
def lab() -> Lab:
    """Return a server that exports nothing yet, and a cluster whose provisioner mounts from it."""
    return Lab()


@pytest.fixture
def context(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context in which the charm has that server and that cluster."""
    module = load("nfs-server")

    @contextlib.contextmanager
    def connect(*_: object) -> Iterator[Lab]:
        yield lab

    monkeypatch.setenv("NFS_SERVER_ROOT", str(tmp_path))
    monkeypatch.setattr(module, "FileServer", lambda *_: lab)
    monkeypatch.setattr(module.NfsServerCharm, "_connect", connect)
    monkeypatch.setattr(module.NfsServerCharm, "_work", lambda *args: args[2](lab))
    return testing.Context(module.NfsServerCharm, charm_root=CHARM)
