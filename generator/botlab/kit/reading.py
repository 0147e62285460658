"""The files of a kit: of the archive, or of the directory that it was unpacked into."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from ..errors import FileError
from ..yaml_nodes import decode_text
from .limits import BLOCK, LARGEST_MANIFEST, MOST_FILES
from .manifest import MANIFEST, Manifest, read_manifest
from .paths import files_below, path_problem
from .tar_format import Entry, read_entries

_MAGIC = slice(257, 262)


class KitFiles(Protocol):
    """The files of a kit."""

    name: str
    entries: Mapping[str, Entry]

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """Yield the content of a file."""
        ...


class ArchivedKit:
    """A kit in a tar archive.

    Args:
        stream: The archive.
        name: Its name in messages.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name, self._stream = name, stream
        self.entries: Mapping[str, Entry] = {
            entry.path: entry for entry in read_entries(stream, name)
        }

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """Yield the content of a file."""
        self._stream.seek(entry.offset)
        yield from _blocks(self._stream, entry.size)


class UnpackedKit:
    """A kit that was unpacked into a directory.

    Args:
        directory: The directory.
    """

    def __init__(self, directory: Path) -> None:
        self.name, self._directory = str(directory), directory
        self.entries: Mapping[str, Entry] = {e.path: e for e in _files_below(directory)}

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """Yield the content of a file."""
        with _opened(self._directory / entry.path) as stream:
            yield from _blocks(stream, entry.size + 1)


def _blocks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := stream.read(min(size, BLOCK))):
        size -= len(block)
        yield block


def _opened(path: Path) -> BinaryIO:
    """Open a regular file, and no link, pipe or device."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
    try:
        stream = open(os.open(path, flags), "rb")  # noqa: PTH123, SIM115 - of a descriptor
    except (OSError, ValueError) as error:
        raise FileError(path, f"cannot be read: {_reason(error)}") from None
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise FileError(path, "is not a regular file")
    return stream


def _reason(error: Exception) -> str:
    """Return why a file cannot be opened, without the path, which the message has already."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _files_below(directory: Path) -> Iterator[Entry]:
    """Yield the files below a directory. A link or device is an entry that no kit has."""
    for number, file in enumerate(files_below(directory), 1):
        path = file.relative_to(directory).as_posix()
        status = file.lstat()
        problem = path_problem(path)
        if not stat.S_ISREG(status.st_mode):
            problem = "is a link or a device, or another file that no kit has"
        if problem or number > MOST_FILES:
            raise FileError(directory, f"the file {path!a} {problem or 'is one too many'}")
        yield Entry(path, status.st_size)


def is_archive(path: Path) -> bool:
    """Return whether a file begins as a tar archive does (POSIX ustar).

    Raises:
        BotlabError: When it cannot be read.
    """
    with _opened(path.resolve()) as stream:
        return stream.read(_MAGIC.stop)[_MAGIC] == b"ustar"


def read_kit(path: Path) -> tuple[KitFiles, BinaryIO | None]:
    """Open a kit.

    Args:
        path: An archive, or a directory that a kit was unpacked into.

    Returns:
        The files, and the stream to close at the end; None for a directory.

    Raises:
        BotlabError: When the kit cannot be read.
    """
    if path.is_dir():
        return UnpackedKit(path), None
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise FileError(path, f"cannot be read: {_reason(error)}") from None
    stream = _opened(resolved)
    try:
        return ArchivedKit(stream, str(path)), stream
    except BaseException:
        stream.close()
        raise


def manifest_of(files: KitFiles) -> Manifest:
    """Return the table of contents of a kit.

    Raises:
        BotlabError: When the kit has none, or one that this botlab does not read.
    """
    name = f"{files.name}:{MANIFEST}"
    return read_manifest(decode_text(small_file(files, MANIFEST), name), name)


def small_file(files: KitFiles, path: str) -> bytes:
    """Return the content of a small file of a kit.

    Raises:
        BotlabError: When the kit does not have it, or it is too large.
    """
    entry = files.entries.get(path)
    if entry is None:
        raise FileError(files.name, f"has no {path}, so it is not a kit")
    if entry.size > LARGEST_MANIFEST:
        raise FileError(files.name, f"{path} is larger than a kit can have")
    return b"".join(files.blocks(entry))


def digest_of_file(files: KitFiles, entry: Entry) -> tuple[int, str]:
    """Return the size of a file's content and its SHA-256."""
    digest, size = hashlib.sha256(), 0
    for block in files.blocks(entry):
        size += len(block)
        digest.update(block)
    return size, digest.hexdigest()
