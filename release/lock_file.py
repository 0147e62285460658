"""The packages of a requirements file that `uv pip compile` locked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PACKAGE = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; ([^\\]+?))? \\$")


@dataclass(frozen=True)
class LockedPackage:
    """A package at the version with which this project is tested.

    Attributes:
        name: The normalized name.
        version: The version.
        marker: The environments that need it, such as ``python_full_version < '3.11'``.
        parents: The packages that need it, and the files (``-r botlab.in``) that name it.
    """

    name: str
    version: str
    marker: str
    parents: tuple[str, ...]


def locked_packages(text: str) -> list[LockedPackage]:
    """Return the packages of a lock file, in its order."""
    return [_package(lines) for lines in _entries(text)]


def _entries(text: str) -> Iterator[list[str]]:
    """Yield the lines of each package: its own, its digests, and comments."""
    entry: list[str] = []
    for line in text.splitlines():
        if _PACKAGE.match(line):
            if entry:
                yield entry
            entry = []
        entry.append(line)
    if entry:
        yield entry


def _package(lines: list[str]) -> LockedPackage:
    match = _PACKAGE.match(lines[0])
    if match is None:
        raise ValueError(f"{lines[0]}: is not NAME==VERSION with digests")
    comments = [line.partition("#")[2].strip() for line in lines if line.startswith("    # ")]
    parents = [comment.removeprefix("via").strip() for comment in comments]
    name, version, marker = match.groups(default="")
    return LockedPackage(name, version, marker, tuple(filter(None, parents)))
