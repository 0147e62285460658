"""Paths joined as Go's ``filepath.Join`` does."""

from __future__ import annotations

import os.path


def join_path(directory: str, path: str) -> str:
    """Return a path below a directory, without ``.`` and ``..``. An absolute path stays.

    Unlike pathlib, Go removes ``..`` together with the part before it.
    """
    return os.path.normpath(os.path.join(directory, path))  # noqa: PTH118 - see above
