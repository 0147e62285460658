"""Paths of directories that may be exported."""

import re

from labcharm.paths import is_within
from nfs_server.tables import read_table

_PATH = re.compile(r"^/[^\s,()\"'\\#*?\[\]]+$")


def read_plain_path(path: str) -> str:
    """Return a directory's path without doubled and trailing slashes, on any server.

    Raises:
        ValueError: When the path has special characters, or is not the whole path of a directory.
    """
    if not _PATH.match(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(
            f"{path!r} is not an absolute path of plain characters; write a path such as /srv/nfs"
        )
    plain = "/" + "/".join(part for part in path.split("/") if part)
    if plain == "/":
        raise ValueError("/ is no directory of its own; write a path such as /srv/nfs")
    return plain


def read_path(path: str) -> str:
    """Return the path of a directory that this machine may export.

    Raises:
        ValueError: When the charm does not export this directory.
    """
    plain = read_plain_path(path)
    limits = read_table("export_limits.yaml")
    is_system = any(is_within(plain, directory) for directory in limits["system_directories"])
    if is_system or plain in limits["parent_directories"]:
        raise ValueError(f"{plain} belongs to the system; export another directory")
    return plain
