"""The exported directories: made, adopted, or left as they are."""

from __future__ import annotations

import errno
import os
import pwd
from grp import getgrgid
from pathlib import Path

import pytest

from labcharm.errors import BlockedError
from labcharm.machine import CommandResult, Machine
from nfs_server.server.directories import RECORD, ExportedDirectories

OWNER = f"{pwd.getpwuid(os.getuid()).pw_name}:{getgrgid(os.getgid()).gr_name}"


@pytest.fixture
def directories(tmp_path: Path) -> ExportedDirectories:
    """Return the exported directories of a machine whose files are in a temporary directory."""
    return ExportedDirectories(Machine(str(tmp_path.resolve())))


def mode_of(path: Path) -> int:
    """Return the permissions of a file."""
    return path.stat().st_mode & 0o7777


def test_directory_is_made_once(directories: ExportedDirectories, tmp_path: Path) -> None:
    """A second run changes nothing; a changed mode is set."""
    directories.prepare("/srv/x", OWNER, 0o755, adopt=False)
    (tmp_path / "srv/x/data").write_text("d")
    before = (tmp_path / "srv/x").stat().st_ctime_ns
    directories.prepare("/srv/x", OWNER, 0o755, adopt=False)
    assert (tmp_path / "srv/x").stat().st_ctime_ns == before
    directories.prepare("/srv/x", OWNER, 0o777, adopt=False)
    assert mode_of(tmp_path / "srv/x") == 0o777


def test_empty_directory_is_taken(directories: ExportedDirectories, tmp_path: Path) -> None:
    """Also one with nothing but lost+found, which mkfs makes."""
    (tmp_path / "srv/x/lost+found").mkdir(parents=True)
    directories.prepare("/srv/x", OWNER, 0o700, adopt=False)
    assert mode_of(tmp_path / "srv/x") == 0o700


def test_directory_with_files_needs_adopt(
    directories: ExportedDirectories, tmp_path: Path
) -> None:
    """It keeps its owner and mode then."""
    (tmp_path / "srv/x").mkdir(parents=True)
    (tmp_path / "srv/x").chmod(0o750)
    (tmp_path / "srv/x/data").write_text("d")
    with pytest.raises(BlockedError, match=r"holds foreign files; set adopt=true, or .*: data"):
        directories.prepare("/srv/x", OWNER, 0o755, adopt=False)
    directories.prepare("/srv/x", OWNER, 0o755, adopt=True)
    assert mode_of(tmp_path / "srv/x") == 0o750
    directories.prepare("/srv/x", OWNER, 0o755, adopt=False)


@pytest.mark.parametrize(
    ("path", "message"),
    [("/srv/file", "is not a directory"), ("/srv/link", "link"), ("/srv/link/x", "link")],
)
def test_links_and_files_are_refused(
    directories: ExportedDirectories, tmp_path: Path, path: str, message: str
) -> None:
    """Also with adopt."""
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/file").write_text("")
    (tmp_path / "srv/link").symlink_to(tmp_path)
    with pytest.raises(BlockedError, match=message):
        directories.prepare(path, OWNER, 0o755, adopt=True)


def test_missing_directory_is_not_made_again(
    directories: ExportedDirectories, tmp_path: Path
) -> None:
    """Its files may be on a disk that is not mounted."""
    directories.prepare("/srv/x", OWNER, 0o755, adopt=False)
    (tmp_path / "srv/x").rmdir()
    with pytest.raises(BlockedError, match="is gone"):
        directories.prepare("/srv/x", OWNER, 0o755, adopt=False)


def test_directory_on_a_read_only_disk_is_made_by_a_later_hook(
    directories: ExportedDirectories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failed hook leaves no record of it."""
    makedirs = os.makedirs

    def refuse(path: str, **options: bool) -> None:
        if path.endswith("/srv/x"):
            raise OSError(errno.EROFS, "Read-only file system")
        makedirs(path, **options)

    monkeypatch.setattr(os, "makedirs", refuse)
    with pytest.raises(OSError, match="Read-only"):
        directories.prepare("/srv/x", OWNER, 0o755, adopt=False)
    monkeypatch.setattr(os, "makedirs", makedirs)
    directories.prepare("/srv/x", OWNER, 0o700, adopt=False)
    assert mode_of(tmp_path / "srv/x") == 0o700


def test_interrupted_hook_finds_its_empty_directory_again(
    directories: ExportedDirectories, tmp_path: Path
) -> None:
    """Without a record, files that others put there meanwhile are not taken."""
    record = tmp_path / RECORD.lstrip("/")
    directories.prepare("/srv/x", OWNER, 0o755, adopt=False)
    record.unlink()
    directories.prepare("/srv/x", OWNER, 0o755, adopt=False)
    record.unlink()
    (tmp_path / "srv/x/foreign").write_text("")
    with pytest.raises(BlockedError, match=r"holds foreign files; .*: foreign"):
        directories.prepare("/srv/x", OWNER, 0o755, adopt=False)


class MountedMachine(Machine):
    """A machine where something is mounted everywhere, over files of these names."""

    below = ""

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Answer as such a machine does."""
        return CommandResult(0, self.below if command[0] == "unshare" else "", "")


@pytest.fixture
def mounted(tmp_path: Path) -> MountedMachine:
    """Return a machine with a storage at /nfsroot."""
    (tmp_path / "nfsroot").mkdir(mode=0o755)
    return MountedMachine(str(tmp_path.resolve()))


def test_storage_over_exported_files_is_refused(mounted: MountedMachine) -> None:
    """Until nothing lies below it; from then on it is the export root."""
    directories = ExportedDirectories(mounted)
    directories.prepare("/nfsroot", OWNER, 0o755, adopt=False)
    mounted.below = "lost+found\nclaim-b\nclaim-a\n"
    for _ in range(2):
        with pytest.raises(BlockedError) as raised:
            directories.prepare_storage("/nfsroot", OWNER, 0o755)
        assert str(raised.value) == (
            "the storage export hides files of /nfsroot; detach it, or move the hidden files onto"
            " it: claim-a, claim-b"
        )
    directories.prepare("/nfsroot", OWNER, 0o755, adopt=False)  # once it is detached
    mounted.below = "lost+found\n"
    directories.prepare_storage("/nfsroot", OWNER, 0o755)
    with pytest.raises(BlockedError, match="is detached; attach it again"):
        directories.prepare("/nfsroot", OWNER, 0o755, adopt=False)


def test_empty_storage_gets_owner_and_mode(mounted: MountedMachine, tmp_path: Path) -> None:
    """Also later, with files of its clients; a storage that came with files stays as it is."""
    directories = ExportedDirectories(mounted)
    (tmp_path / "nfsroot/lost+found").mkdir()
    for mode in (0o1777, 0o770):
        directories.prepare_storage("/nfsroot", OWNER, mode)
        assert mode_of(tmp_path / "nfsroot") == mode
        (tmp_path / "nfsroot/file").touch()
    directories.record_detached("/nfsroot")
    directories.prepare_storage("/nfsroot", OWNER, 0o755)
    assert mode_of(tmp_path / "nfsroot") == 0o770


def test_locations_name_directories_and_the_storage(mounted: MountedMachine) -> None:
    """A directory in the storage is part of it; a detached storage counts too."""
    directories = ExportedDirectories(mounted)
    assert directories.describe_locations() == ""
    directories.prepare("/srv/b", OWNER, 0o755, adopt=False)
    directories.prepare("/srv/a", OWNER, 0o755, adopt=False)
    assert directories.describe_locations() == "in /srv/a, /srv/b"
    directories.prepare_storage("/nfsroot", OWNER, 0o755)
    directories.prepare("/nfsroot/login", OWNER, 0o755, adopt=False)
    for _ in range(2):
        locations = directories.describe_locations()
        assert locations == "in /srv/a, /srv/b and on the storage export"
        directories.record_detached("/nfsroot")


@pytest.mark.parametrize(
    ("files", "holders"),
    [
        ([], []),
        (["nfsroot/claim"], ["/nfsroot"]),
        (["nfsroot/client/data"], ["/nfsroot/client"]),
        (["nfsroot/deep/data"], ["/nfsroot"]),
        (["nfsroot/deep/client/data"], ["/nfsroot/deep/client"]),
        (["nfsroot/claim", "srv/inner/share/data"], ["/nfsroot", "/srv/inner/share"]),
    ],
)
def test_directories_with_files_are_those_that_would_be_lost(
    files: list[str], holders: list[str], directories: ExportedDirectories, tmp_path: Path
) -> None:
    """The empty directory of a related application in the export root is none."""
    for path in ("/nfsroot", "/nfsroot/client", "/nfsroot/deep/client", "/srv/inner/share"):
        directories.prepare(path, OWNER, 0o755, adopt=False)
    for file in files:
        (tmp_path / file).write_text("")

    assert directories.with_files() == holders
