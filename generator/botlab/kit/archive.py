"""Writing of a kit's archive: the same files give the same bytes, and it appears complete."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import BotlabError, FileError
from ..file_output import Output, replacing
from .limits import BLOCK
from .manifest import FileEntry
from .tar_format import header, padding, trailer

_DIRECTORY_TYPE = b"5"
# The latest time that a header without extensions holds, in the year 2242.
_LATEST = 0o77777777777


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file to write.

    Attributes:
        path: Its path in the kit.
        content: Its content, or the file that has it.
        is_executable: Whether it is a program.
    """

    path: str
    content: bytes | Path
    is_executable: bool = False

    def blocks(self) -> Iterator[bytes]:
        """Yield the content.

        Raises:
            BotlabError: When the file cannot be read.
        """
        if isinstance(self.content, bytes):
            yield self.content
            return
        try:
            with self.content.open("rb") as stream:
                while block := stream.read(BLOCK):
                    yield block
        except OSError as error:
            raise FileError(self.content, f"cannot be read: {error.strerror}") from None

    def entry(self) -> FileEntry:
        """Return the file's line of the table of contents."""
        digest, size = hashlib.sha256(), 0
        for block in self.blocks():
            size += len(block)
            digest.update(block)
        return FileEntry(self.path, size, digest.hexdigest())


def source_seconds() -> int:
    """Return the time that all files of a kit have: SOURCE_DATE_EPOCH, or the beginning of 1970.

    Raises:
        BotlabError: When the variable is not a number of seconds.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "0")
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_LATEST))
    if not is_number or int(text) > _LATEST:
        raise BotlabError(
            f"SOURCE_DATE_EPOCH is {text!a}; write a number of seconds since 1970, at most"
            f" {_LATEST}"
        )
    return int(text)


def write_archive(
    output: Output, top: str, files: Sequence[KitFile], entries: Sequence[FileEntry]
) -> None:
    """Write an archive with one directory at its top.

    Args:
        output: The file to write.
        top: The name of the directory.
        files: The files, in their order.
        entries: The sizes and digests of the files, in the same order.

    Raises:
        BotlabError: When a file was changed meanwhile, or the archive cannot be written.
    """
    seconds = source_seconds()
    with replacing(output) as stream:
        size = stream.write(header(top, 0, seconds, mode=0o755, kind=_DIRECTORY_TYPE))
        for file, entry in zip(files, entries, strict=True):
            mode = 0o755 if file.is_executable else 0o644
            size += stream.write(header(f"{top}/{file.path}", entry.size, seconds, mode=mode))
            size += _copy(file, entry, stream)
        stream.write(trailer(size))


def _copy(file: KitFile, entry: FileEntry, stream: BinaryIO) -> int:
    digest, size = hashlib.sha256(), 0
    for block in file.blocks():
        digest.update(block)
        size += stream.write(block)
    is_changed = (size, digest.hexdigest()) != (entry.size, entry.sha256)
    if is_changed and isinstance(file.content, Path):
        raise FileError(file.content, "was changed while the kit was written; start again")
    return size + stream.write(padding(size))
