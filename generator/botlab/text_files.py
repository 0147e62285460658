"""Reading of files that the user or a bundle names.

Only regular files are read, since a pipe or a device may have no end, and only up to a size.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from .errors import BotlabError, FileError
from .yaml_nodes import decode_text

# A bundle with 100,000 machines and 400,000 units has about 20 MiB.
LARGEST_FILE = 64 * 2**20
DANGLING = "is a link to a file that does not exist"


def read_text(path: Path, largest: int = LARGEST_FILE) -> str:
    """Read a file.

    Args:
        path: The file.
        largest: The greatest number of bytes that the file may have.

    Raises:
        BotlabError: When the file cannot be read, is too large or is not UTF-8.
    """
    try:
        return decode_text(read_bytes(path, largest), str(path))
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
    except ValueError:  # a null character in the path
        raise BotlabError(f"{str(path)!r}: cannot be read: Invalid argument") from None


def read_stream(stream: BinaryIO, name: str) -> str:
    """Read standard input to its end.

    Args:
        stream: The stream.
        name: Its name in error messages.

    Raises:
        BotlabError: When it is too large or is not UTF-8.
    """
    content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise FileError(name, f"is larger than {LARGEST_FILE >> 20} MiB, so it was not read")
    return decode_text(content, name)


def read_bytes(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """Read the content of a regular file.

    Args:
        path: The file.
        largest: The greatest number of bytes that the file may have.

    Raises:
        BotlabError: When it is not a regular file, or is too large.
        OSError: When it cannot be read.
        ValueError: When the path has a null character.
    """
    # Without O_NONBLOCK, the opening of a pipe waits for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        _check_kind(os.fstat(descriptor).st_mode, path)
        with open(descriptor, "rb", closefd=False) as stream:
            content = stream.read(largest + 1)
    finally:
        os.close(descriptor)
    if len(content) > largest:
        raise FileError(path, f"is larger than {largest >> 20} MiB, so it was not read")
    return content


def _check_kind(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise FileError(path, "is not a regular file; write its content to a file first")


def is_dangling(path: Path) -> bool:
    """Return whether a path is a link to a file that does not exist."""
    try:
        path.stat()
    except FileNotFoundError:
        return path.is_symlink()
    except (OSError, ValueError):
        return False
    return False


def is_regular_file(path: Path) -> bool:
    """Return whether a regular file exists.

    Raises:
        BotlabError: When this cannot be found out, as in a directory without execute permission.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
