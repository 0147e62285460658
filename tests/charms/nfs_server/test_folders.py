"""Folders that are made, taken by a word, and left as they were."""

from __future__ import annotations

import errno
import os
import pwd
from grp import getgrgid
from pathlib import Path

import pytest

from labcharm.machine import Machine, Result
from nfs_server.server.directories import RECORD, FolderError, Folders

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


def test_one_that_cannot_be_made(
    folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that is read only: the next hook makes it, when it can."""
    made = os.makedirs

    def refused(path: str, **words: bool) -> None:
        if path.endswith("/srv/x"):
            raise OSError(errno.EROFS, "Read-only file system")
        made(path, **words)

    monkeypatch.setattr(os, "makedirs", refused)
    with pytest.raises(OSError, match="Read-only"):
        folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
    monkeypatch.setattr(os, "makedirs", made)
    folders.prepare("/srv/x", OWNER, 0o700, adopt=False)
    assert (tmp_path / "srv/x").stat().st_mode & 0o7777 == 0o700


def test_one_that_was_made_and_not_recorded(folders: Folders, tmp_path: Path) -> None:
    """Cut off between the two; what others have put there since is not ours."""
    folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
    (tmp_path / RECORD.lstrip("/")).unlink()
    folders.prepare("/srv/x", OWNER, 0o755, adopt=False)
    (tmp_path / RECORD.lstrip("/")).unlink()
    (tmp_path / "srv/x/theirs").write_text("")
    with pytest.raises(FolderError, match=r"did not make \(theirs\)"):
        folders.prepare("/srv/x", OWNER, 0o755, adopt=False)


class Mounts(Machine):
    """A machine where something is mounted everywhere, over files of these names."""

    below = ""

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer as such a machine does."""
        return Result(0, self.below if command[0] == "unshare" else "", "")


@pytest.fixture
def mounts(tmp_path: Path) -> Mounts:
    """Return a machine with a storage at /nfsroot."""
    (tmp_path / "nfsroot").mkdir(mode=0o755)
    return Mounts(str(tmp_path.resolve()))


def test_a_storage_that_hides_what_was_served(mounts: Mounts) -> None:
    """Is not exported in its place, until nothing lies below it; then it is the folder."""
    folders = Folders(mounts)
    folders.prepare("/nfsroot", OWNER, 0o755, adopt=False)
    mounts.below = "lost+found\nclaim-b\nclaim-a\n"
    for _ in range(2):
        with pytest.raises(FolderError) as raised:
            folders.mounted("/nfsroot", OWNER, 0o755)
        assert str(raised.value) == (
            "the storage export hides what /nfsroot held (claim-a, claim-b); detach it, or copy"
            " that to it and move it out of the folder below"
        )
    folders.prepare("/nfsroot", OWNER, 0o755, adopt=False)  # once it is detached
    mounts.below = "lost+found\n"
    folders.mounted("/nfsroot", OWNER, 0o755)
    with pytest.raises(FolderError, match="is detached; attach it again"):
        folders.prepare("/nfsroot", OWNER, 0o755, adopt=False)


def test_an_empty_storage_gets_owner_and_mode(mounts: Mounts, tmp_path: Path) -> None:
    """Later changes too, when it has files of its clients; one that came with files stays."""
    folders = Folders(mounts)
    (tmp_path / "nfsroot/lost+found").mkdir()
    for mode in (0o1777, 0o770):
        folders.mounted("/nfsroot", OWNER, mode)
        assert (tmp_path / "nfsroot").stat().st_mode & 0o7777 == mode
        (tmp_path / "nfsroot/file").touch()
    folders.detached("/nfsroot")
    folders.mounted("/nfsroot", OWNER, 0o755)
    assert (tmp_path / "nfsroot").stat().st_mode & 0o7777 == 0o770


def test_where_the_data_stay(mounts: Mounts) -> None:
    """Those of a storage on it, detached or not, with what lies in it."""
    folders = Folders(mounts)
    assert folders.places() == ""
    folders.prepare("/srv/b", OWNER, 0o755, adopt=False)
    folders.prepare("/srv/a", OWNER, 0o755, adopt=False)
    assert folders.places() == "in /srv/a, /srv/b"
    folders.mounted("/nfsroot", OWNER, 0o755)
    folders.prepare("/nfsroot/login", OWNER, 0o755, adopt=False)
    for _ in range(2):
        assert folders.places() == "in /srv/a, /srv/b and on the storage export"
        folders.detached("/nfsroot")
