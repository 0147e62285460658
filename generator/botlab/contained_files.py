"""Reading of files below a directory that may be the work of other people.

Such a directory may have links. No file outside of it is read through them.
"""

from __future__ import annotations

import os
from pathlib import Path

from .errors import FileError
from .text_files import DANGLING, LARGEST_FILE, is_dangling, read_bytes, read_text


class OutsideError(FileError):
    """A file that is not below the directory to which it belongs.

    Args:
        file: The file.
        directory: The directory.
    """

    def __init__(self, file: Path, directory: Path) -> None:
        problem = f"is a link that leads out of the directory {directory}, so it was not read"
        super().__init__(file, problem)


def check_contained(path: Path, directory: Path) -> None:
    """Check that a file or a directory is below another directory when all links are followed.

    Args:
        path: The file or directory.
        directory: The directory, which may be a link itself.

    Raises:
        FileError: When the path leads out of the directory, or to nothing.
    """
    try:
        target = Path(os.path.realpath(path, strict=True))
        home = Path(os.path.realpath(directory, strict=True))
    except OSError as error:
        raise FileError(path, _reason(path, error)) from None
    if not target.is_relative_to(home):
        raise OutsideError(path, directory)


def _reason(path: Path, error: OSError) -> str:
    return DANGLING if is_dangling(path) else f"cannot be read: {error.strerror}"


def read_contained_text(path: Path, directory: Path, largest: int = LARGEST_FILE) -> str:
    """Read a text file that must be below a directory.

    Args:
        path: The file.
        directory: The directory.
        largest: The greatest number of bytes that the file may have.

    Raises:
        BotlabError: When the file leads out of the directory, cannot be read, is too large or is
            not UTF-8.
    """
    check_contained(path, directory)
    return read_text(path, largest)


def read_contained_bytes(path: Path, directory: Path, largest: int = LARGEST_FILE) -> bytes:
    """Read a regular file that must be below a directory.

    Args:
        path: The file.
        directory: The directory.
        largest: The greatest number of bytes that the file may have.

    Raises:
        BotlabError: When the file leads out of the directory, cannot be read or is too large.
    """
    check_contained(path, directory)
    try:
        return read_bytes(path, largest)
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
