"""Paths of directories that may be exported."""

import re
from typing import Iterable

from nfs_server.tables import read_table

_PATH = re.compile(r"^/[^\s,()\"'\\#*?\[\]]+$")


def read_path(path: str) -> str:
    """Return a directory's path without doubled and trailing slashes.

    Raises:
        ValueError: When the charm does not export this directory.
    """
    if not _PATH.match(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(
            f"{path!r} is not an absolute path without spaces and special characters; write a path"
            " such as /srv/nfs"
        )
    plain = "/" + "/".join(part for part in path.split("/") if part)
    limits = read_table("export_limits.yaml")
    if plain in limits["parent_directories"] or is_inside(plain, limits["system_directories"]):
        raise ValueError(f"{plain} belongs to the system; export a directory of its own")
    return plain


def is_inside(path: str, directories: Iterable[str]) -> bool:
    """Return whether a path is one of these directories, or lies in one of them."""
    return any(f"{path}/".startswith(f"{directory}/") for directory in directories)
