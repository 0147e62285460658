"""Writing of files: completely or not at all, and never over files that the user edited."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..errors import BotlabError
from ..render.marker import read_mark


@dataclass(frozen=True, slots=True)
class _Output:
    """A file to write.

    Attributes:
        name: The file's name, as the user wrote it.
        target: The file itself, behind any symbolic links.
        status: The status of the existing file; None when there is none.
    """

    name: Path
    target: Path
    status: os.stat_result | None


class Outcome(NamedTuple):
    """What happened to a file.

    Attributes:
        changed: Whether the file has new content.
        copy: The file that the former content was copied to; None when it was not.
    """

    changed: bool
    copy: Path | None = None


def write_bundle_file(path: Path, text: str, *, force: bool) -> Outcome:
    """Write a rendered bundle.

    Args:
        path: The file. The target of a symbolic link is replaced, and the link stays.
        text: Its content.
        force: Whether to replace a file that botlab did not write, or that was edited. A copy is
            kept as ``PATH.orig``, or with a number at the end when that file exists already.

    Raises:
        BotlabError: When the file may not be replaced, or cannot be written.
    """
    output, content = _output(path), _encode(path, text)
    old = _old_content(output)
    if old == content:
        return Outcome(changed=False)
    copy = None if old is None else _protect(output, old, force=force)
    _replace(output, content)
    return Outcome(changed=True, copy=copy)


def check_output(path: Path) -> None:
    """Check that a file can be an output, before any work is done for it.

    Raises:
        BotlabError: When the file is not a regular file.
    """
    _output(path)


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet.

    Raises:
        BotlabError: When the file or a symbolic link of its name exists, or it cannot be written.
    """
    if os.path.lexists(path):
        raise BotlabError(f"{path}: already exists; name another file with --output")
    _replace(_Output(path, path, None), _encode(path, text))


def _output(path: Path) -> _Output:
    """Return the file that a name stands for.

    Raises:
        BotlabError: When it is not a regular file, so that it cannot be replaced.
    """
    try:
        target = path.resolve()
        status = target.stat() if os.path.lexists(target) else None
    except (OSError, RuntimeError, ValueError) as error:
        raise BotlabError(f"{path}: cannot be written: {error}") from None
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise BotlabError(
            f"{path}: is not a regular file; name another file with --output, or print the text"
            " with --output -"
        )
    return _Output(path, target, status)


def _old_content(output: _Output) -> bytes | None:
    if output.status is None:
        return None
    try:
        return output.target.read_bytes()
    except OSError as error:
        problem = f"cannot be read before it is replaced: {error.strerror}"
        raise BotlabError(f"{output.name}: {problem}") from None


def _protect(output: _Output, old: bytes, *, force: bool) -> Path | None:
    """Copy a file that botlab did not write or that was edited; refuse without force."""
    mark = read_mark(old.decode("utf-8", "replace"))
    if mark is not None and not mark.is_edited:
        return None
    if not force:
        problem = (
            "was not written by botlab" if mark is None else "was edited after botlab wrote it"
        )
        raise BotlabError(
            f"{output.name}: {problem}; name another file with --output, or replace it with"
            f" --force (botlab keeps the old file as {output.name.name}.orig)"
        )
    return _write_copy(output, old)


def _write_copy(output: _Output, old: bytes) -> Path:
    """Write the copy of a file, with its mode, under a name that does not exist yet."""
    number = 0
    while True:
        suffix = f".orig.{number}" if number else ".orig"
        copy = output.name.with_name(f"{output.name.name}{suffix}")
        with _writing(copy):
            try:
                handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                number += 1
                continue
            _fill(handle, old, copy, output.status)
        return copy


def _replace(output: _Output, content: bytes) -> None:
    """Write a temporary file and rename it, so that no reader ever sees half of the content."""
    with _writing(output.name):
        # The name is short, because the name of the file itself can be as long as names may be.
        handle, name = tempfile.mkstemp(dir=output.target.parent, prefix=".botlab.")
        temporary = Path(name)
        _fill(handle, content, temporary, output.status)
        try:
            temporary.replace(output.target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _fill(handle: int, content: bytes, path: Path, status: os.stat_result | None) -> None:
    """Write the content of a new file with the owner and mode of an old one; remove it if not."""
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            if status is not None:
                # Only root can give a file away.
                with contextlib.suppress(PermissionError):
                    os.fchown(stream.fileno(), status.st_uid, status.st_gid)
            os.fchmod(stream.fileno(), _mode(status))
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _mode(status: os.stat_result | None) -> int:
    """Return the mode of an old file, or of any new file of this process."""
    if status is not None:
        return stat.S_IMODE(status.st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _encode(path: Path, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        char = error.object[error.start]
        raise BotlabError(f"{path}: cannot be written: UTF-8 has no character {char!a}") from None


@contextlib.contextmanager
def _writing(path: Path) -> Generator[None]:
    """Turn the failure to write a file into an error of botlab."""
    try:
        yield
    except OSError as error:
        raise BotlabError(f"{path}: cannot be written: {error.strerror}") from None
