"""Write files whole or not at all, and never over what is not ours."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..errors import BotlabError


def write_bundle_file(path: Path, text: str, *, force: bool) -> bool:
    """Write a rendered bundle.

    Args:
        path: Where to.
        text: What to write.
        force: Replace a file that botlab did not write or that was edited; it is kept as
            ``PATH.orig``.

    Returns:
        Whether the file changed.

    Raises:
        BotlabError: When the file is not ours to replace, or cannot be written.
    """
    from ..render.marker import read_mark

    try:
        old = path.read_text("utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise BotlabError(f"{path}: cannot be read before it is replaced: {error}") from None
    if old == text:
        return False
    if old is not None:
        found = read_mark(old)
        problem = "was not written by botlab" if found is None else "was edited since"
        if (found is None or found.edited) and not force:
            raise BotlabError(
                f"{path}: {problem}; name another file with --output, or replace it with --force"
                f" (it is kept as {path.name}.orig)"
            )
        if found is None or found.edited:
            write_atomically(path.with_name(f"{path.name}.orig"), old)
    write_atomically(path, text)
    return True


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet.

    Raises:
        BotlabError: When it exists, or cannot be written.
    """
    if path.exists():
        raise BotlabError(f"{path}: exists already; name another file with --output")
    write_atomically(path, text)


def write_atomically(path: Path, text: str) -> None:
    """Write beside the file and rename: a reader sees the old text or the new, never half.

    Raises:
        BotlabError: When the folder does not take it.
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
        # mkstemp makes files for their owner alone; a bundle is as readable as any new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise BotlabError(f"{path}: cannot be written: {error.strerror}") from None
