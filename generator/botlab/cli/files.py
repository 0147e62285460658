"""Output files of the commands, which are never written over files that the user edited."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ..errors import BotlabError
from ..file_output import Output, encode, fill, old_content, output_of, replace, writing
from ..render.marker import read_mark


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
    output, content = output_of(path), encode(path, text)
    old = old_content(output)
    if old == content:
        return Outcome(changed=False)
    copy = None if old is None else _protect(output, old, force=force)
    replace(output, content)
    return Outcome(changed=True, copy=copy)


def check_output(path: Path) -> None:
    """Check that a file can be an output, before any work is done for it.

    Raises:
        BotlabError: When the file is not a regular file.
    """
    output_of(path)


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet.

    Raises:
        BotlabError: When the file or a symbolic link of its name exists, or it cannot be written.
    """
    if os.path.lexists(path):
        raise BotlabError(f"{path}: already exists; name another file with --output")
    replace(Output(path, path, None), encode(path, text))


def _protect(output: Output, old: bytes, *, force: bool) -> Path | None:
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


def _write_copy(output: Output, old: bytes) -> Path:
    """Write the copy of a file, with its mode, under a name that does not exist yet."""
    number = 0
    while True:
        suffix = f".orig.{number}" if number else ".orig"
        copy = output.name.with_name(f"{output.name.name}{suffix}")
        with writing(copy):
            try:
                handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                number += 1
                continue
            fill(handle, old, copy, output.status)
        return copy
