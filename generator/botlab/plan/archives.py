"""The comparison of the files of local charms."""

from __future__ import annotations

import filecmp
import os.path
from pathlib import Path

from ..bundle.charm_url import is_local_path
from ..bundle.go_path import join_path
from ..bundle.model import Application


def is_changed_archive(
    before: Application, old_directory: str, after: Application, new_directory: str
) -> bool:
    """Return whether an application has another local charm than before.

    Args:
        before: The application in the deployed bundle.
        old_directory: The directory of the deployed bundle.
        after: The application in the new bundle.
        new_directory: The directory of the new bundle.

    Returns:
        Whether the charm is a file with another content. Where a file does not exist, the paths
        decide.
    """
    if not is_local_path(after.charm):
        return False
    old, new = _path(before, old_directory), _path(after, new_directory)
    if old == new:
        return False
    # Unlike Path.is_file, os.path.isfile accepts names of any length.
    if all(os.path.isfile(file) for file in (old, new)):  # noqa: PTH113
        return not filecmp.cmp(old, new, shallow=False)
    return before.charm != after.charm


def _path(application: Application, directory: str) -> Path:
    return Path(join_path(directory, application.charm))
