"""The installed ``juju`` program."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from ..errors import ClientMissingError
from .versions import major

SNAP_DIRECTORY = Path("/snap")


@dataclass(frozen=True, slots=True)
class Installation:
    """The installed program.

    Attributes:
        path: The path of the program.
        is_snap: Whether it is a snap.
    """

    path: str
    is_snap: bool = False

    def is_confined(self, version: str) -> bool:
        """Whether the program can read only the visible files of the home directory.

        Args:
            version: The version of the program. The snap is strictly confined from 3.0 on.
        """
        return self.is_snap and major(version) >= 3


def find_installation(program: str = "juju", search_path: str | None = None) -> Installation:
    """Find the program.

    Args:
        program: The name of the program, or its path.
        search_path: The directories to search, as in PATH, which is the default.

    Raises:
        ClientMissingError: When it is not installed.
    """
    path = shutil.which(program, path=search_path)
    if path is None:
        raise ClientMissingError(
            f"the program {program} is not installed, or not in PATH; install it with `sudo snap"
            " install juju`, or use --backend libjuju"
        )
    return Installation(path, _is_snap(Path(path)))


def _is_snap(path: Path) -> bool:
    """Whether a program is in /snap, or is a link to snapd's launcher or to a file of a snap."""
    resolved = path.resolve()
    return any(
        place.is_relative_to(SNAP_DIRECTORY) or place.name == "snap"
        for place in (path.absolute(), resolved)
    )
