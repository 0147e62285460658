"""The paths in a kit, which may come from anywhere: none leads out of the kit's directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import FileError
from .limits import LONGEST_PART, LONGEST_PATH


def path_problem(path: str) -> str:
    """Return why a path cannot be one of a file in a kit; empty when it can.

    Args:
        path: The path, relative to the top directory of the kit.
    """
    if not path or path.startswith("/"):
        return "is not a relative path"
    if not path.isprintable() or "\\" in path:
        return "has a character that paths of a kit do not have"
    if path == "-":
        return "is a name that sha256sum reads as standard input"
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "has an empty part, `.` or `..`"
    sizes = [len(part.encode("utf-8", "surrogatepass")) for part in parts]
    if max(sizes) > LONGEST_PART or sum(sizes) + len(parts) > LONGEST_PATH:
        return "is too long"
    return ""


def nested_files(paths: set[str]) -> list[str]:
    """Return the paths that are a file and a directory of another file at the same time."""
    parents: set[str] = set()
    for path in paths:
        parts = path.split("/")
        parents.update("/".join(parts[:length]) for length in range(1, len(parts)))
    return sorted(parents & paths)


def files_below(directory: Path) -> Iterator[Path]:
    """Yield the files below a directory, each directory sorted by name.

    Links to directories are not followed but yielded, like everything else that is no directory.

    Raises:
        BotlabError: When a directory cannot be read.
    """
    for parent, directories, files in os.walk(directory, onerror=_refuse):
        directories.sort()
        links = [name for name in directories if (Path(parent) / name).is_symlink()]
        yield from (Path(parent) / name for name in sorted((*files, *links)))


def _refuse(error: OSError) -> None:
    raise FileError(error.filename, f"cannot be read: {error.strerror}")
