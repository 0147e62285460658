"""Output files of the commands, which are never written over files that the user edited."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..errors import BotlabError
from ..file_output import Output, encode, fill, old_content, output_of, replace, writing
from ..picture.png_mark import read_png_mark
from ..render.marker import read_mark


class Outcome(NamedTuple):
    """What happened to a file.

    Attributes:
        changed: Whether the file has new content.
        copy: The file that the former content was copied to; None when it was not.
    """

    changed: bool
    copy: Path | None = None


def write_marked_file(
    path: Path, text: str, *, force: bool, option: str = "--output", mode: int | None = None
) -> Outcome:
    """Write a file with a mark, such as a rendered bundle.

    Args:
        path: The file. The target of a symbolic link is replaced, and the link stays.
        text: Its content.
        force: Whether to replace a file that botlab did not write, or that was edited. A copy is
            kept as ``PATH.orig``, or with a number at the end when that file exists already.
        option: The option that names the file.
        mode: The mode of a new file; None for the process's own.

    Raises:
        BotlabError: When the file may not be replaced, or cannot be written.
    """
    return write_generated_file(path, encode(path, text), force=force, option=option, mode=mode)


def write_generated_file(
    path: Path, content: bytes, *, force: bool, option: str = "--output", mode: int | None = None
) -> Outcome:
    """Write a file that botlab generates, with its mark.

    Args:
        path: The file. The target of a symbolic link is replaced, and the link stays.
        content: Its content.
        force: As for `write_marked_file`.
        option: The option that names the file.
        mode: The mode of a new file; None for the process's own.

    Raises:
        BotlabError: When the file may not be replaced, or cannot be written.
    """
    output = output_of(path, option)
    old = old_content(output)
    if old == content:
        return Outcome(changed=False)
    copy = None if old is None else _protect(output, old, option, force=force)
    replace(output, content, mode=mode)
    return Outcome(changed=True, copy=copy)


def check_output(path: Path, option: str = "--output") -> None:
    """Check that a file can be an output, before any work is done for it.

    Args:
        path: The output.
        option: The option that names it.

    Raises:
        BotlabError: When the file is not a regular file.
    """
    output_of(path, option)


def check_not_input(path: Path, inputs: Iterable[str], option: str = "--output") -> None:
    """Check that an output does not replace a file that the command reads.

    Args:
        path: The output.
        inputs: The files that the command reads.
        option: The option that names the output.

    Raises:
        BotlabError: When it is one of them, also by another name.
    """
    if any(path.resolve() == Path(file).resolve() for file in inputs):
        raise BotlabError(f"{path}: is read by this command; name another file with {option}")


def check_new(path: Path, option: str) -> None:
    """Check that a file does not exist yet.

    Args:
        path: The file.
        option: The option that names it.

    Raises:
        BotlabError: When the file or a symbolic link of its name exists, or its directory does
            not exist.
    """
    if os.path.lexists(path):
        raise BotlabError(f"{path}: already exists; name another file with {option}, or remove it")
    if not path.parent.is_dir():
        raise BotlabError(f"{path}: cannot be written, because {path.parent} is not a directory")


def write_new(path: Path, text: str, option: str = "--output") -> None:
    """Write a file that must not exist yet.

    Args:
        path: The file.
        text: Its content.
        option: The option that names it.

    Raises:
        BotlabError: When the file or a symbolic link of its name exists, or it cannot be written.
    """
    check_new(path, option)
    replace(Output(path, path, None), encode(path, text))


def _protect(output: Output, old: bytes, option: str, *, force: bool) -> Path | None:
    """Copy a file that botlab did not write or that was edited; refuse without force."""
    mark = read_png_mark(old) or read_mark(old.decode("utf-8", "replace"))
    if mark is not None and not mark.is_edited:
        return None
    if not force:
        problem = (
            "was not written by botlab" if mark is None else "was edited after botlab wrote it"
        )
        raise BotlabError(
            f"{output.name}: {problem}; name another file with {option}, or replace it with"
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
