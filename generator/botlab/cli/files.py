"""Writing of files: completely or not at all, and never over files that the user edited."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..errors import BotlabError
from ..render.marker import read_mark


def write_bundle_file(path: Path, text: str, *, force: bool) -> bool:
    """Write a rendered bundle.

    Args:
        path: The file.
        text: Its content.
        force: Whether to replace a file that botlab did not write, or that was edited. It is
            kept as ``PATH.orig``.

    Returns:
        Whether the file changed.

    Raises:
        BotlabError: When the file may not be replaced, or cannot be written.
    """
    try:
        old = path.read_text("utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise BotlabError(f"{path}: cannot be read before it is replaced: {error}") from None
    if old == text:
        return False
    if old is not None:
        _protect(path, old, force=force)
    write_atomically(path, text)
    return True


def _protect(path: Path, old: str, *, force: bool) -> None:
    """Keep a copy of a file that botlab did not write or that was edited; refuse without force."""
    mark = read_mark(old)
    if mark is not None and not mark.is_edited:
        return
    if not force:
        problem = (
            "was not written by botlab" if mark is None else "was edited after botlab wrote it"
        )
        raise BotlabError(
            f"{path}: {problem}; name another file with --output, or replace it with --force"
            f" (botlab keeps the old file as {path.name}.orig)"
        )
    write_atomically(path.with_name(f"{path.name}.orig"), old)


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet.

    Raises:
        BotlabError: When the file exists, or cannot be written.
    """
    if path.exists():
        raise BotlabError(f"{path}: already exists; name another file with --output")
    write_atomically(path, text)


def write_atomically(path: Path, text: str) -> None:
    """Write a temporary file and rename it, so that no reader ever sees half of the text.

    Raises:
        BotlabError: When the directory does not accept the file.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BotlabError(f"{path}: cannot be written: {error.strerror}") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp lets only the owner read the file. Other users may read a bundle as any new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise BotlabError(f"{path}: cannot be written: {error.strerror}") from None
