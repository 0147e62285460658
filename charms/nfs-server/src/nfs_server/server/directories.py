"""Folders that are exported: made with an owner and a mode, and never taken from others."""

import grp
import json
import os
import pwd
from typing import Any, Dict, Iterable, List

from labcharm.machine import Machine
from labcharm.text import some

RECORD = "/var/lib/nfs-server-charm/folders.json"
# What we know of a folder: made by us, taken with others' files, or a storage of Juju's, which had
# files when it came, or had none, or is gone again.
MADE, ADOPTED = "made", "adopted"
STORAGE, FRESH_STORAGE, DETACHED = "storage", "fresh-storage", "detached-storage"
# What lies below a mount: it is taken away in mounts of our own, which end with this shell.
_BELOW = 'umount -l "$1" && ls -A "$1"'


class FolderError(Exception):
    """A folder that is not ours to take."""


class Folders:
    """The exported folders of a machine, with a record of those that we took."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def mounted(self, path: str, owner: str, mode: int) -> None:
        """Have a folder that is a storage of Juju's: its files are the operator's word.

        An empty one gets owner and mode, as a folder that we make does; one with files stays as it
        is. Nothing that we served before may vanish below it.

        Args:
            path: Where it is mounted.
            owner: USER:GROUP.
            mode: Its permissions.

        Raises:
            FolderError: When it is not mounted, or hides files that were served here.
        """
        real = self._machine.path(path)
        record = self._read()
        if self._machine.run(["mountpoint", "-q", real]).code:
            raise FolderError("the storage export is not mounted at %s" % path)
        if record.get(path) in (MADE, ADOPTED):
            self._check_hidden(path)
        if record.get(path) not in (STORAGE, FRESH_STORAGE):
            record[path] = STORAGE if _held(real) else FRESH_STORAGE
            self._write(record)
        if record[path] == FRESH_STORAGE:
            _set(real, owner, mode)

    def _check_hidden(self, path: str) -> None:
        own = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _BELOW, "sh"]
        below = self._machine.check([*own, self._machine.path(path)]).split("\n")
        hidden = sorted({*below} - {"", "lost+found"})
        if hidden:
            told = "the storage export hides what %s held (%s); detach it, or copy that to it and"
            told += " move it out of the folder below"
            raise FolderError(told % (path, some(hidden)))

    def detached(self, path: str) -> None:
        """Keep that a storage goes: the next one that is mounted there is judged anew."""
        record = self._read()
        if record.get(path) in (STORAGE, FRESH_STORAGE):
            self._write(dict(record, **{path: DETACHED}))

    def own_device(self, path: str) -> bool:
        """Tell whether a folder is a file system of its own."""
        real = self._machine.path(path)
        return os.stat(real).st_dev != os.stat(os.path.dirname(real)).st_dev

    def prepare(self, path: str, owner: str, mode: int, adopt: bool) -> None:
        """Have a folder.

        One that we made gets owner and mode, later changes too; one that was there with files in
        it is taken only by an explicit word, and stays as it is.

        Args:
            path: The folder.
            owner: USER:GROUP.
            mode: Its permissions.
            adopt: Whether one that holds others' files is taken.

        Raises:
            FolderError: When it is a link, no folder, or holds what we did not make.
        """
        real = self._machine.path(path)
        record = self._read()
        base = os.path.realpath(self._machine.path("/")).rstrip("/")
        if os.path.realpath(real) != base + path:
            raise FolderError("%s is reached through a link; name the folder itself" % path)
        if os.path.exists(real) and not os.path.isdir(real):
            raise FolderError("%s is no folder; name one" % path)
        if record.get(path) in (STORAGE, FRESH_STORAGE, DETACHED):
            told = "the storage that held %s is detached; attach it again, or name another folder"
            raise FolderError(told % path)
        if path not in record:
            self._take(path, adopt, record)
        elif not os.path.isdir(real):
            raise FolderError("%s is gone; bring it back, or make it anew by hand" % path)
        if record[path] != ADOPTED:
            _set(real, owner, mode)

    def _take(self, path: str, adopt: bool, record: Dict[str, str]) -> None:
        real = self._machine.path(path)
        held = _held(real)
        if held and not adopt:
            told = "%s holds files that this application did not make (%s); set adopt=true to"
            told += " export it as it is, or name another folder"
            raise FolderError(told % (path, some(held)))
        # First the folder: a hook that is cut off before the record finds it empty again, and one
        # that cannot make it (a disk that is read only) has nothing to look for later.
        os.makedirs(real, exist_ok=True)
        record[path] = ADOPTED if held else MADE
        self._write(record)

    def places(self) -> str:
        """Say where the data are that were served; empty where nothing was."""
        record = self._read()
        storages = [path for path, state in record.items() if state not in (MADE, ADOPTED)]
        beside = [path for path in sorted(record) if not _is_in(path, storages)]
        told = ["in %s" % ", ".join(beside)] if beside else []
        return " and ".join(told + ["on the storage export"] * bool(storages))

    def known(self) -> List[str]:
        """Return the folders that we took and that are here; one of a storage that went is not."""
        return sorted(path for path, state in self._read().items() if state != DETACHED)

    def forget(self) -> None:
        """Forget which folders are ours; they and what they hold stay."""
        self._machine.remove(RECORD)

    def _write(self, record: Dict[str, str]) -> None:
        self._machine.write(RECORD, json.dumps(record, sort_keys=True) + "\n", 0o600)

    def _read(self) -> Dict[str, str]:
        try:
            found: Any = json.loads(self._machine.read(RECORD) or "{}")
        except ValueError:
            found = {}
        return dict(found) if isinstance(found, dict) else {}


def _held(real: str) -> List[str]:
    """Return what a folder holds; nothing where it is not there, or fresh from mkfs."""
    try:
        return sorted(name for name in os.listdir(real) if name != "lost+found")
    except FileNotFoundError:
        return []


def _is_in(path: str, folders: Iterable[str]) -> bool:
    return any((path + "/").startswith(folder + "/") for folder in folders)


def _set(real: str, owner: str, mode: int) -> None:
    user, _, group = owner.partition(":")
    uid, gid = pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid
    before = os.stat(real)
    if (before.st_uid, before.st_gid) != (uid, gid):
        os.chown(real, uid, gid)
    if before.st_mode & 0o7777 != mode:
        os.chmod(real, mode)
