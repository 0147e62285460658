"""What the generator knows of the charm nfs-server is what the charm says itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.catalogue import nfs as ours
from botlab.site.directories import DIRECTORY, normalize_directory

CHARM = Path(__file__).resolve().parents[3] / "charms/nfs-server"


@pytest.fixture
def charm(charm_modules: Any) -> Any:
    """Return a function that imports a module of the charm."""
    return charm_modules("nfs-server")


CLIENTS = [
    "*", "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/7", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.1", "::/0",
    "fc00::/7", "2000::/15", "fd00::/16", "fd00::1", "host.lab.example",
]  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
def test_who_is_everybody(charm: Any, client: str) -> None:
    """One rule on both sides, and the text is one that the charm reads as it stands."""
    theirs = charm("nfs_clients")

    assert theirs.read_client(client) == client
    assert ours.is_open(client) is theirs.is_open(client)


FOLDERS = [
    "/", "/etc", "/etc/shared", "/etcetera", "/srv", "/srv/nfs", "/var", "/var/nfs", "/var/lib",
    "/var/lib/nfs", "/var/lib/nfs/a", "/var/libs", "/nfsroot", "/home", "/home/lab", "/tmp/x",
]  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
def test_whose_folder_it_is(charm: Any, folder: str) -> None:
    """What is the system's here is what the charm calls so."""
    shares = charm("nfs_shares")
    if ours.is_system_directory(folder):
        with pytest.raises(shares.ShareError):
            shares.read_path(folder)
    else:
        assert shares.read_path(folder) == folder


PATHS = [
    "/srv/nfs", "//srv/nfs/a", "/srv//nfs/", "/srv/..nfs", "/srv/.nfs/a.", "/srv/\u00e4",
    "/srv/../etc", "/srv/.", "/..", "/./a", "srv/nfs", "", "/srv/two words", "/srv/a\u00a0b",
    "/srv/a(b)", "/srv/*",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_folder_is_read_as_the_charm_reads_it(charm: Any, path: str) -> None:
    """The same path comes of it, and what is none here is none there."""
    shares = charm("nfs_shares")
    if DIRECTORY.fits(path):
        assert shares.read_path(path) == normalize_directory(path)
    else:
        with pytest.raises(shares.ShareError, match="is no absolute path"):
            shares.read_path(path)


def test_the_charms_storage() -> None:
    """Its name, where Juju mounts it, and that there is one of it at most."""
    text = (CHARM / "metadata.yaml").read_text(encoding="utf-8")

    storage = yaml.safe_load(text)["storage"][ours.STORAGE]

    assert storage["location"] == ours.STORAGE_PATH
    assert storage["multiple"] == {"range": "0-1"}


def test_the_systems_folders_are_the_charms(charm: Any) -> None:
    """Each of the charm's, with what lies in it."""
    shares = charm("nfs_shares")
    inside = [f"{folder}/x" for folder in shares._SYSTEM]

    assert all(
        ours.is_system_directory(folder) for folder in (*shares._SYSTEM, *shares._WHOLE, *inside)
    )


def test_clients_of_a_text_and_of_a_list() -> None:
    """Between commas and spaces, as the charm takes them; nothing else is a list."""
    assert ours.split_clients("10.0.0.0/8,\n*  a.b") == ["10.0.0.0/8", "*", "a.b"]
    assert ours.split_clients(["10.0.0.0/8", "*"]) == ["10.0.0.0/8", "*"]
    assert [ours.split_clients(found) for found in ("", None, 5, {})] == [[]] * 4
