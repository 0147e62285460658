"""The disk usage of shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from nfs_server import usage
from nfs_server.server.shares import Share


def test_share_without_its_directory_is_named(tmp_path: Path) -> None:
    """A blocked unit may have none. The message has no error number."""
    message = "/nfsroot (export-root) does not exist; the unit's status has the reason"
    with pytest.raises(BlockedError) as raised:
        usage.measure(Machine(str(tmp_path)), [Share("export-root", "/nfsroot", ())], [])
    assert str(raised.value) == message
