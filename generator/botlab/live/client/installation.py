"""The installed ``juju`` program."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ClientMissingError
from .versions import major

_PROGRAM = "juju"
_SNAP_DIRECTORY = Path("/snap")


@dataclass(frozen=True, slots=True)
class Installation:
    """The installed program.

    Attributes:
        path: The path of the program.
        environment: The environment that it gets.
        is_snap: Whether it is a snap.
    """

    path: str
    environment: Mapping[str, str]
    is_snap: bool = False

    @property
    def home(self) -> Path:
        """The home directory of the user."""
        home = self.environment.get("HOME")
        return Path(home) if home else Path.home()

    def is_confined(self, version: str) -> bool:
        """Whether the program can read only the visible files of the home directory.

        Args:
            version: The version of the program. The snap is strictly confined from 3.0 on.
        """
        return self.is_snap and major(version) >= 3


def find_installation(environment: Mapping[str, str]) -> Installation:
    """Find the program.

    Args:
        environment: The environment, whose PATH names the directories to search.

    Raises:
        ClientMissingError: When it is not installed.
    """
    path = shutil.which(_PROGRAM, path=environment.get("PATH", os.defpath))
    if path is None:
        raise ClientMissingError(
            "the program juju is not installed, or not in PATH; install it with `sudo snap install"
            " juju`, or use --backend libjuju"
        )
    return Installation(path, environment, _is_snap(Path(path)))


def _is_snap(path: Path) -> bool:
    """Whether a program is in /snap, or is a link to snapd's launcher or to a file of a snap."""
    resolved = path.resolve()
    return any(
        place.is_relative_to(_SNAP_DIRECTORY) or place.name == "snap"
        for place in (path.absolute(), resolved)
    )
