"""The generator and the charm nfs-server agree about directories and clients."""

from __future__ import annotations

import pytest

from botlab.catalogue import nfs
from botlab.site.directories import DIRECTORY, normalize_directory
from helpers.charm_projects import read_charmcraft
from nfs_server.server.clients import is_open, read_client
from nfs_server.server.paths import read_path

CLIENTS = [
    "*", "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/7", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.1", "::/0",
    "fc00::/7", "2000::/15", "fd00::/16", "fd00::1", "host.lab.example",
]  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
def test_client_is_open_to_everybody_where_the_charm_says_so(client: str) -> None:
    """The charm reads the client without changing it."""
    assert read_client(client) == client
    assert nfs.is_open(client) is is_open(client)


DIRECTORIES = [
    "/", "/etc", "/etc/shared", "/etcetera", "/srv", "/srv/nfs", "/var", "/var/nfs", "/var/lib",
    "/var/lib/nfs", "/var/lib/nfs/a", "/var/libs", "/nfsroot", "/home", "/home/lab", "/tmp/x",
]  # fmt: skip


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_charm_refuses_the_system_directories_of_the_catalogue(directory: str) -> None:
    """The charm exports all other directories."""
    if nfs.is_system_directory(directory):
        with pytest.raises(ValueError, match=r"belongs to the system|absolute path"):
            read_path(directory)
    else:
        assert read_path(directory) == directory


PATHS = [
    "/srv/nfs", "//srv/nfs/a", "/srv//nfs/", "/srv/..nfs", "/srv/.nfs/a.", "/srv/\u00e4",
    "/srv/../etc", "/srv/.", "/..", "/./a", "srv/nfs", "", "/srv/two words", "/srv/a\u00a0b",
    "/srv/a(b)", "/srv/*",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_site_file_accepts_the_paths_that_the_charm_accepts(path: str) -> None:
    """Both normalize a path in the same way."""
    if DIRECTORY.fits(path):
        assert read_path(path) == normalize_directory(path)
    else:
        with pytest.raises(ValueError, match="absolute path"):
            read_path(path)


def test_storage_of_the_charm_is_mounted_at_the_storage_path() -> None:
    """The metadata names the storage, where Juju mounts it, and that there is at most one."""
    storage = read_charmcraft("nfs-server")["storage"][nfs.STORAGE]

    assert storage["location"] == nfs.STORAGE_PATH
    assert storage["multiple"] == {"range": "0-1"}


def test_clients_are_split_at_commas_and_white_space() -> None:
    """A list is taken as it is. Other values hold no clients."""
    assert nfs.split_clients("10.0.0.0/8,\n*  a.b") == ["10.0.0.0/8", "*", "a.b"]
    assert nfs.split_clients(["10.0.0.0/8", "*"]) == ["10.0.0.0/8", "*"]
    assert [nfs.split_clients(clients) for clients in ("", None, 5, {})] == [[]] * 4
