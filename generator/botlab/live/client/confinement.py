"""The files that a strictly confined ``juju`` snap cannot read.

Its interface ``home`` gives it the visible files of the home directory. The snap has a /tmp of
its own. (snapcraft.yaml of Juju 3.6 and 4.0; snapd's interface ``home``.)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...shell import command_line
from ..errors import LiveError


class ConfinedFileError(LiveError):
    """A file that the snap cannot read.

    Args:
        path: The file.
        reason: Why not.
        home: The user's home directory.
    """

    def __init__(self, path: Path, reason: str, home: Path) -> None:
        super().__init__(
            f"{path}: the juju snap cannot read this file, because {reason}; move the site and all"
            f" files of the bundle to a directory such as {home / 'lab'}, for example with"
            f" `{command_line('cp', '-r', str(path.parent), str(home / 'lab'))}`"
        )
        self.path = path


def check_readable(paths: Iterable[Path], home: Path) -> None:
    """Check that a strictly confined snap can read some files.

    Args:
        paths: The files, with absolute paths.
        home: The user's home directory.

    Raises:
        ConfinedFileError: When it cannot read one of them.
    """
    root = home.resolve()
    for path in paths:
        resolved = path.resolve()
        if not resolved.is_relative_to(root):
            raise ConfinedFileError(path, f"it is outside the home directory {home}", home)
        first = resolved.relative_to(root).parts[:1]
        if first and first[0].startswith("."):
            raise ConfinedFileError(path, "its path has a hidden directory", home)
