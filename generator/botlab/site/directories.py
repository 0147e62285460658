"""Directories that a server exports."""

from __future__ import annotations

from typing import Annotated

import pydantic

from .text_format import TextFormat

# The charm nfs-server accepts the same paths. Some characters have a meaning in exports(5), and
# "." or ".." would get around the rules about directories that may not be exported.
DIRECTORY = TextFormat(
    r"""^(?!.*/\.{1,2}(/|$))/[^\s,()"'\\#*?\[\]]*$""",
    "a directory that can be exported",
    "write an absolute path such as /srv/nfs, without the components . and .., without white"
    " space, and without characters that have a meaning in exports(5)",
)


def normalize_directory(path: str) -> str:
    """Return an absolute path without repeated or trailing slashes, as the charm does."""
    return "/" + "/".join(part for part in path.split("/") if part)


Directory = Annotated[str, DIRECTORY, pydantic.AfterValidator(normalize_directory)]
