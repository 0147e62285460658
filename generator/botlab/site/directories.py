"""Directories that a server exports."""

from __future__ import annotations

from .text_format import TextFormat

# The charm nfs-server accepts the same paths. Some characters have a meaning in exports(5), and
# "." or ".." would get around the rules about directories that may not be exported.
PATH_CHARACTERS = r"""[^\s,()"'\\#*?\[\]]"""
DIRECTORY = TextFormat(
    rf"^(?!.*/\.{{1,2}}(/|$))/{PATH_CHARACTERS}*$",
    "a directory that can be exported",
    "write an absolute path such as /srv/nfs, without the components . and .., without white"
    " space, and without characters that have a meaning in exports(5)",
)


def normalize_directory(path: str) -> str:
    """Return an absolute path without repeated or trailing slashes, as the charm does."""
    return "/" + "/".join(part for part in path.split("/") if part)
