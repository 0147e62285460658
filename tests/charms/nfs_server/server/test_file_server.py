"""The server as a whole: what it refuses before anything changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.nfs.defaults import options_with
from labcharm.errors import BlockedError
from labcharm.machine import Machine
from nfs_server.related_clients import RelatedClient
from nfs_server.server.file_server import FileServer
from nfs_server.server.plan import make_plan

LOGIN = RelatedClient("login", ("10.0.0.9",))


@pytest.mark.parametrize("path", ["/nfsroot/login", "/nfsroot/login/x"])
def test_share_in_the_directory_of_an_application_is_refused(tmp_path: Path, path: str) -> None:
    """It can get there when the export root that held both has moved away."""
    options = options_with(export_root="/srv/new", shares=f"isos: {{path: {path}}}")
    plan = make_plan(options, [], [LOGIN], {"login": "/nfsroot/login"})

    message = f"{path} is in the directory of a related application; name another one for isos"
    with pytest.raises(BlockedError, match=message):
        FileServer(Machine(str(tmp_path)), "nfs-server").export(plan, options, None)


def test_export_root_must_be_the_attached_storage(tmp_path: Path) -> None:
    """Another export root is refused before anything is installed."""
    options = options_with(export_root="/srv/x")

    message = "export-root is /srv/x, but the storage export is at"
    with pytest.raises(BlockedError, match=message):
        FileServer(Machine(str(tmp_path)), "nfs-server").prepare(options, "/nfsroot")
