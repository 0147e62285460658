"""The exported directories, and the record of how each of them came to this application."""

import grp
import os
import pwd
from typing import Dict, List

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.paths import is_within
from labcharm.text import summarize
from nfs_server.records import read_record, write_record

RECORD = "/var/lib/nfs-server-charm/folders.json"
# The states of the record. A directory was made by this charm (or was empty), or was adopted with
# files of others. Juju's storage had files when it was attached, or had none, or is detached.
MADE, ADOPTED = "made", "adopted"
STORAGE, FRESH_STORAGE, DETACHED = "storage", "fresh-storage", "detached-storage"
# Lists what lies below a mount. It unmounts in a mount namespace of its own, which ends with the
# shell.
_LIST_BELOW = 'umount -l "$1" && ls -A "$1"'


class ExportedDirectories:
    """The directories of a machine that this application exports.

    Args:
        machine: The machine.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def prepare_storage(self, path: str, owner: str, mode: int) -> None:
        """Take the directory that Juju mounts its storage at.

        An empty storage gets owner and mode, like a directory that this charm makes. A storage
        with files stays as it is, because its files are the operator's.

        Args:
            path: Where the storage is mounted.
            owner: USER:GROUP.
            mode: Its permissions.

        Raises:
            BlockedError: When the storage is not mounted, or hides files that were exported here.
        """
        real = self._machine.path(path)
        record = self._read()
        if self._machine.run(["mountpoint", "-q", real]).code:
            raise BlockedError(f"the storage export is not mounted at {path}; see juju storage")
        if record.get(path) in (MADE, ADOPTED):
            self._check_nothing_hidden(path)
        if record.get(path) not in (STORAGE, FRESH_STORAGE):
            record[path] = STORAGE if _files_in(real) else FRESH_STORAGE
            self._write(record)
        if record[path] == FRESH_STORAGE:
            _set_owner_and_mode(real, owner, mode)

    def _check_nothing_hidden(self, path: str) -> None:
        namespace = ["unshare", "--mount", "--propagation", "private"]
        script = ["sh", "-c", _LIST_BELOW, "sh", self._machine.path(path)]
        below = self._machine.check([*namespace, *script]).split("\n")
        hidden = sorted({*below} - {"", "lost+found"})
        if hidden:
            raise BlockedError(
                f"the storage export hides files of {path}; detach it, or move the hidden files"
                f" onto it: {summarize(hidden)}"
            )

    def record_detached(self, path: str) -> None:
        """Record that a storage is detached.

        The next storage that is mounted there is examined again.
        """
        record = self._read()
        if record.get(path) in (STORAGE, FRESH_STORAGE):
            self._write(dict(record, **{path: DETACHED}))

    def prepare(self, path: str, owner: str, mode: int, adopt: bool) -> None:
        """Ensure that a directory exists and may be exported.

        A directory that this charm made gets owner and mode, also when these change later. A
        directory that held files before is taken only with `adopt`, and stays as it is.

        Args:
            path: The directory.
            owner: USER:GROUP.
            mode: Its permissions.
            adopt: Whether a directory that holds files of others is taken.

        Raises:
            BlockedError: When the path is a link or not a directory, or holds files of others.
        """
        real = self._machine.path(path)
        record = self._read()
        self._check_kind(path)
        if record.get(path) in (STORAGE, FRESH_STORAGE, DETACHED):
            raise BlockedError(
                f"the storage that held {path} is detached; attach it again, or name another"
                " directory"
            )
        if path not in record:
            self._take(path, adopt, record)
        elif not os.path.isdir(real):
            raise BlockedError(f"{path} is gone; restore it, or make the directory by hand")
        if record[path] != ADOPTED:
            _set_owner_and_mode(real, owner, mode)

    def _check_kind(self, path: str) -> None:
        real = self._machine.path(path)
        root = os.path.realpath(self._machine.path("/")).rstrip("/")
        if os.path.realpath(real) != root + path:
            raise BlockedError(f"{path} is reached through a link; name the directory itself")
        if os.path.exists(real) and not os.path.isdir(real):
            raise BlockedError(f"{path} is not a directory; name a directory")

    def _take(self, path: str, adopt: bool, record: Dict[str, str]) -> None:
        real = self._machine.path(path)
        files = _files_in(real)
        if files and not adopt:
            raise BlockedError(
                f"{path} holds foreign files; set adopt=true, or name another directory:"
                f" {summarize(files)}"
            )
        # The directory comes before the record. A hook that is interrupted between the two finds
        # the directory empty again, and a hook that cannot make it (on a read-only disk) leaves no
        # record of a directory that does not exist.
        os.makedirs(real, exist_ok=True)
        record[path] = ADOPTED if files else MADE
        self._write(record)

    def describe_locations(self) -> str:
        """Return where the exported files are; empty when nothing was exported."""
        record = self._read()
        storages = [path for path, state in record.items() if state not in (MADE, ADOPTED)]
        local = [
            path
            for path in sorted(record)
            if not any(is_within(path, storage) for storage in storages)
        ]
        locations = [f"in {', '.join(local)}"] if local else []
        return " and ".join(locations + ["on the storage export"] * bool(storages))

    def paths(self) -> List[str]:
        """Return the directories of this application, without those of a detached storage."""
        return sorted(path for path, state in self._read().items() if state != DETACHED)

    def with_files(self) -> List[str]:
        """Return the directories of this application that hold files, also on a storage.

        A directory of the application that lies in another one is no file of that one.
        """
        record = self._read()
        return sorted(path for path in record if self._has_files(path, list(record)))

    def _has_files(self, path: str, directories: List[str]) -> bool:
        names = _files_in(self._machine.path(path))
        return any(self._is_file(f"{path}/{name}", directories) for name in names)

    def _is_file(self, path: str, directories: List[str]) -> bool:
        """Return whether a path is no directory of the application, and leads to none alone."""
        if path in directories:
            return False
        leads_to_one = any(is_within(directory, path) for directory in directories)
        return self._has_files(path, directories) if leads_to_one else True

    def forget(self) -> None:
        """Remove the record; the directories and their files stay."""
        self._machine.remove(RECORD)

    def _write(self, record: Dict[str, str]) -> None:
        write_record(self._machine, RECORD, record)

    def _read(self) -> Dict[str, str]:
        return read_record(self._machine, RECORD)


def _files_in(real: str) -> List[str]:
    """Return the names in a directory; none where it does not exist, or is fresh from mkfs."""
    try:
        return sorted(name for name in os.listdir(real) if name != "lost+found")
    except FileNotFoundError:
        return []


def _set_owner_and_mode(real: str, owner: str, mode: int) -> None:
    user, _, group = owner.partition(":")
    uid, gid = pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid
    before = os.stat(real)
    if (before.st_uid, before.st_gid) != (uid, gid):
        os.chown(real, uid, gid)
    if before.st_mode & 0o7777 != mode:
        os.chmod(real, mode)
