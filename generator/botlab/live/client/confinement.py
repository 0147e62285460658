"""The files that a strictly confined ``juju`` snap cannot read.

Its interface ``home`` gives it the files of the home directory, but not those that are hidden
there, nor those of other snaps. The snap has a /tmp of its own. (snapcraft.yaml of Juju 3.6 and
4.0; snapd's interface ``home``.)
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
        if _is_hidden(resolved.relative_to(root)):
            reason = "it is in a hidden directory or in one of snaps"
            raise ConfinedFileError(path, reason, home)


def _is_hidden(path: Path) -> bool:
    """Whether the snap cannot read a file of the home directory.

    Args:
        path: The path below the home directory.
    """
    parts = path.parts[:2]
    is_of_snaps = parts[:1] == ("snap",) and parts != ("snap", "juju")
    return is_of_snaps or any(part.startswith(".") for part in parts[:1])
