"""Writing of files: completely or not at all, with the owner and the mode of the old file."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .errors import BotlabError


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write.

    Attributes:
        name: The file's name, as the user wrote it.
        target: The file itself, behind any symbolic links.
        status: The status of the existing file; None when there is none.
    """

    name: Path
    target: Path
    status: os.stat_result | None


def output_of(path: Path, option: str = "--output") -> Output:
    """Return the file that a name stands for.

    Args:
        path: The name.
        option: The option that gives it.

    Raises:
        BotlabError: When it is not a regular file, so that it cannot be replaced.
    """
    try:
        target = path.resolve()
        status = target.stat() if os.path.lexists(target) else None
    except (OSError, RuntimeError, ValueError) as error:
        raise BotlabError(f"{path}: cannot be written: {error}") from None
    if status is not None and not stat.S_ISREG(status.st_mode):
        choice = ", or print the text with --output -" if option == "--output" else ""
        raise BotlabError(
            f"{path}: is not a regular file; name another file with {option}{choice}"
        )
    return Output(path, target, status)


def old_content(output: Output) -> bytes | None:
    """Return the content of the existing file; None when there is none.

    Raises:
        BotlabError: When the file cannot be read.
    """
    if output.status is None:
        return None
    try:
        return output.target.read_bytes()
    except OSError as error:
        problem = f"cannot be read before it is replaced: {error.strerror}"
        raise BotlabError(f"{output.name}: {problem}") from None


def replace(output: Output, content: bytes, *, mode: int | None = None) -> None:
    """Write a temporary file and rename it, so that no reader ever sees half of the content.

    Args:
        output: The file.
        content: Its new content.
        mode: The mode of a new file; None for the process's own. An existing file keeps its mode.

    Raises:
        BotlabError: When the file cannot be written. Then the old file is unchanged.
    """
    with replacing(output, mode=mode) as stream:
        stream.write(content)


@contextlib.contextmanager
def replacing(output: Output, *, mode: int | None = None) -> Generator[BinaryIO]:
    """Open a temporary file, which takes the place of a file when the block ends without an error.

    Args:
        output: The file.
        mode: The mode of a new file; None for the process's own. An existing file keeps its mode.

    Raises:
        BotlabError: When the file cannot be written. Then the old file is unchanged.
    """
    with writing(output.name):
        # The name is short, because the name of the file itself can be as long as names may be.
        handle, name = tempfile.mkstemp(dir=output.target.parent, prefix=".botlab.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
                _finish(stream, output.status, mode)
            temporary.replace(output.target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def fill(
    handle: int,
    content: bytes,
    path: Path,
    status: os.stat_result | None,
    mode: int | None = None,
) -> None:
    """Write the content of a new file with the owner and mode of an old one; remove it if not.

    Args:
        handle: The descriptor of the new file, which is closed.
        content: The content.
        path: The new file.
        status: The status of the old file; None when there is none.
        mode: The mode if there is no old file; None for the process's own.
    """
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            _finish(stream, status, mode)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _finish(stream: BinaryIO, status: os.stat_result | None, mode: int | None) -> None:
    """Give a complete file its owner and mode, and write it to the disk."""
    stream.flush()
    if status is not None:
        # Only root can give a file away.
        with contextlib.suppress(PermissionError):
            os.fchown(stream.fileno(), status.st_uid, status.st_gid)
    os.fchmod(stream.fileno(), _mode(status, mode))
    os.fsync(stream.fileno())


def _mode(status: os.stat_result | None, mode: int | None) -> int:
    """Return the mode of an old file, or the mode asked for, or that of any new file."""
    if status is not None:
        return stat.S_IMODE(status.st_mode)
    if mode is not None:
        return mode
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def encode(path: Path, text: str) -> bytes:
    """Return a text as UTF-8.

    Raises:
        BotlabError: When the text has a character that UTF-8 cannot write.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        char = error.object[error.start]
        raise BotlabError(f"{path}: cannot be written: UTF-8 has no character {char!a}") from None


@contextlib.contextmanager
def writing(path: Path) -> Generator[None]:
    """Turn the failure to write a file into an error of botlab."""
    try:
        yield
    except OSError as error:
        raise BotlabError(f"{path}: cannot be written: {error.strerror}") from None
