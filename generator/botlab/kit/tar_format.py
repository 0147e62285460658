"""Tar archives of kits: what is written, and a strict reader of exactly that.

Only directories and regular files occur. Python's own reader accepts much more, among it links,
devices, sparse files and headers of any size, so it is used for single header blocks only.
"""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..errors import BotlabError, FileError
from .limits import BLOCK, LARGEST_FILE, LARGEST_KIT, MOST_FILES
from .paths import path_problem

_SIZE = tarfile.BLOCKSIZE
_RECORD = tarfile.RECORDSIZE
_PAX = (b"x",)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)
# A path and a size.
_LARGEST_PAX = 8 * 2**10
_SPECIAL_MODES = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX
_END = b"\0" * _SIZE


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a kit.

    Attributes:
        path: Its path, relative to the top directory of the kit.
        size: Its size in bytes.
        offset: Where its content begins in the archive; 0 for a file of a directory.
    """

    path: str
    size: int
    offset: int = 0


def header(path: str, size: int, seconds: int, *, mode: int = 0o644, kind: bytes = b"0") -> bytes:
    """Return the header of a file or directory, which is the same on all machines.

    Args:
        path: The path in the archive.
        size: The size of the file.
        seconds: The time of its last change.
        mode: Its permissions.
        kind: The type of the entry.
    """
    info = tarfile.TarInfo(path)
    info.size, info.mtime, info.mode, info.type = size, seconds, mode, kind
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def padding(size: int) -> bytes:
    """Return what follows the content of a file, so that the next header begins at a block."""
    return b"\0" * (-size % _SIZE)


def trailer(size: int) -> bytes:
    """Return the end of an archive.

    Args:
        size: The size of all that was written before.
    """
    end = 2 * _SIZE
    return b"\0" * (end + -(size + end) % _RECORD)


def read_entries(stream: BinaryIO, name: str) -> list[Entry]:
    """Return the files of an archive, in their order.

    Args:
        stream: The archive, from its beginning. It can be searched.
        name: Its name in messages.

    Raises:
        BotlabError: When it is not an archive as botlab writes it, or exceeds a limit.
    """
    entries = list(_Reader(stream, name).files())
    if not entries:
        raise FileError(name, "is an empty archive, and not a kit")
    return entries


class _Reader:
    """Reads the headers of an archive."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._length = stream.seek(0, 2)
        self._position = stream.seek(0)
        self._top = ""
        self._seen: set[str] = set()
        self._total = 0

    def files(self) -> Iterator[Entry]:
        """Yield the files, and check each entry."""
        while (block := self._read(_SIZE)) != _END:
            info = self._info(block)
            path = self._inner_path(info)
            offset = self._position
            self._skip(info)
            if info.type in _FILES:
                yield Entry(path, info.size, offset)
        self._check_end()

    def _info(self, block: bytes) -> tarfile.TarInfo:
        """Return a header, with the path and the size that a header in front of it has."""
        info = self._parse(block)
        if info.type not in _PAX:
            return info
        if not 0 <= info.size <= _LARGEST_PAX:
            raise self._error("has a header of a wrong size")
        content = self._read(info.size)
        self._read(-info.size % _SIZE)
        extended = self._parse(self._read(_SIZE))
        for key, text in self._pax_records(content):
            self._apply(extended, key, text)
        if extended.type in _PAX:
            raise self._error("has two headers in front of one file")
        return extended

    def _apply(self, info: tarfile.TarInfo, key: str, text: str) -> None:
        if key == "path":
            info.name = text
        elif key == "size" and text.isascii() and text.isdigit() and len(text) < 20:
            info.size = int(text)
        else:
            raise self._error(f"has an unknown header {key!a}")

    def _parse(self, block: bytes) -> tarfile.TarInfo:
        try:
            return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError) as error:
            raise self._error(f"is not a kit, or is damaged: {error}") from None

    def _pax_records(self, content: bytes) -> Iterator[tuple[str, str]]:
        """Yield the records `LENGTH KEY=TEXT` of an extended header (POSIX pax)."""
        while content:
            digits, space, _ = content.partition(b" ")
            length = int(digits) if digits.isdigit() and len(digits) < 6 else 0
            record = content[len(digits) + 1 : length]
            if not space or not record.endswith(b"\n") or len(content) < length:
                raise self._error("has a damaged header")
            key, _, text = record[:-1].decode("utf-8", "surrogateescape").partition("=")
            yield key, text
            content = content[length:]

    def _inner_path(self, info: tarfile.TarInfo) -> str:
        """Check the path of an entry, and return it below the top directory."""
        name = info.name.removesuffix("/") if info.isdir() else info.name
        problem = path_problem(name)
        if info.type not in (*_FILES, tarfile.DIRTYPE):
            problem = "is a link or a device, or another entry that no kit has"
        elif info.mode & _SPECIAL_MODES:
            problem = "has the permissions of a setuid, setgid or sticky file"
        if not problem and name in self._seen:
            problem = "is in it twice"
        top, slash, inner = name.partition("/")
        if not problem and (top != (self._top or top) or not (slash or info.isdir())):
            problem = "is not below its top directory"
        if problem:
            raise self._error(f"the entry {info.name!a} {problem}")
        self._top = top
        self._seen.add(name)
        return inner

    def _skip(self, info: tarfile.TarInfo) -> None:
        """Go to the next header, and check the sizes."""
        size = info.size if info.type in _FILES else 0
        self._total += size
        if size < 0:
            raise self._error(f"the size of the file {info.name!a} is negative")
        if info.size != size:
            raise self._error(f"the directory {info.name!a} has content")
        if size > LARGEST_FILE or self._total > LARGEST_KIT or len(self._seen) > MOST_FILES:
            raise self._error("is larger than a kit can be")
        self._position += size
        if self._position > self._length:
            raise self._error(f"ends within the file {info.name!a}")
        self._stream.seek(self._position)
        if self._read(-size % _SIZE).strip(b"\0"):
            raise self._error(f"has data behind the file {info.name!a}")

    def _check_end(self) -> None:
        """Check that nothing follows the end of the archive."""
        while rest := self._stream.read(BLOCK):
            if rest.strip(b"\0"):
                raise self._error("has data behind its end")

    def _read(self, size: int) -> bytes:
        content = self._stream.read(size)
        if len(content) != size:
            raise self._error("ends too early, so it was cut off or is not a kit")
        self._position += size
        return content

    def _error(self, problem: str) -> BotlabError:
        return FileError(self._name, problem)
