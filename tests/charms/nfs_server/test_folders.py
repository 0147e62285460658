"""Folders that are made, taken by a word, and left as they were."""

from __future__ import annotations

import os
import pwd
from grp import getgrgid
from pathlib import Path

import pytest
from labcharm.machine import Machine
from nfs_folders import FolderError, Folders

OWNER = f"{pwd.getpwuid(os.getuid()).pw_name}:{getgrgid(os.getgid()).gr_name}"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Return the folders of a machine in a folder."""
    return Folders(Machine(str(tmp_path.resolve())))


def test_made_once(folders: Folders, tmp_path: Path) -> None:
    """With a mode, which later changes follow; then there is nothing to do."""
    folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
    (tmp_path / "srv/x/data").write_text("d")
    before = (tmp_path / "srv/x").stat().st_ctime_ns
    folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
    assert (tmp_path / "srv/x").stat().st_ctime_ns == before
    folders.prepare("/srv/x", OWNER, 0o777, adopt=False)
    assert (tmp_path / "srv/x").stat().st_mode & 0o7777 == 0o777


def test_an_empty_one_is_taken(folders: Folders, tmp_path: Path) -> None:
    """Also one with nothing but what mkfs makes."""
    (tmp_path / "srv/x/lost+found").mkdir(parents=True)
    folders.prepare("/srv/x", OWNER, 0o700, adopt=False)
    assert (tmp_path / "srv/x").stat().st_mode & 0o7777 == 0o700


def test_a_full_one_only_by_a_word(folders: Folders, tmp_path: Path) -> None:
    """And then it stays as it is."""
    (tmp_path / "srv/x").mkdir(parents=True)
    (tmp_path / "srv/x").chmod(0o750)
    (tmp_path / "srv/x/data").write_text("d")
    with pytest.raises(FolderError, match=r"did not make \(data\); set adopt=true"):
        folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
    folders.prepare("/srv/x", OWNER, 0o755, adopt=True)
    assert (tmp_path / "srv/x").stat().st_mode & 0o7777 == 0o750
    folders.prepare("/srv/x", OWNER, 0o755, adopt=False)


def test_links_and_files(folders: Folders, tmp_path: Path) -> None:
    """Neither is a folder of ours."""
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/file").write_text("")
    (tmp_path / "srv/link").symlink_to(tmp_path)
    for path, told in (
        ("/srv/file", "is no folder"),
        ("/srv/link", "link"),
        ("/srv/link/x", "link"),
    ):
        with pytest.raises(FolderError, match=told):
            folders.prepare(path, OWNER, 0o755, adopt=True)


def test_one_that_is_gone(folders: Folders, tmp_path: Path) -> None:
    """Is not made anew in silence: what was in it may be on a disk that is not mounted."""
    folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
    (tmp_path / "srv/x").rmdir()
    with pytest.raises(FolderError, match="is gone"):
        folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
