"""Folders that a server exports."""

from __future__ import annotations

from typing import Annotated

import pydantic

from .base import Form

# As the charm nfs-server takes them (read_path in nfs_shares.py): exports(5) has signs of its own,
# and . and .. would lead past the rules about what may be exported.
FOLDER = Form(
    r"""^(?!.*/\.{1,2}(/|$))/[^\s,()"'\\#*?\[\]]*$""",
    "no folder to export; write an absolute path such as /srv/nfs, without . and .. between"
    " slashes, spaces and signs of exports(5)",
)


def plain_folder(path: str) -> str:
    """Return an absolute path without doubled slashes and one at its end, as the charm does."""
    return "/" + "/".join(part for part in path.split("/") if part)


Folder = Annotated[str, FOLDER, pydantic.AfterValidator(plain_folder)]
