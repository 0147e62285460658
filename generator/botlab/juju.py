"""The Juju releases whose rules botlab implements."""

from __future__ import annotations

import enum

from .errors import BotlabError


class Juju(enum.Enum):
    """A Juju release line. Older releases compare as smaller."""

    V2_6 = "2.6"
    V2_9 = "2.9"
    V3_6 = "3.6"
    V4_0 = "4.0"

    def __init__(self, text: str) -> None:
        # Kept, because the rules about 10,000 machines compare releases 250,000 times.
        self._numbers = tuple(int(part) for part in text.split("."))

    @classmethod
    def parse(cls, text: str) -> Juju:
        """Return the release line of a version such as ``2.9`` or ``2.9.51``.

        Raises:
            BotlabError: When botlab does not support the release line.
        """
        release_line = ".".join(text.strip().split(".")[:2])
        for release in cls:
            if release.value == release_line:
                return release
        supported = ", ".join(release.value for release in cls)
        raise BotlabError(f"Juju {text!r} is not supported; use one of {supported}")

    @property
    def has_leader_in_ssh(self) -> bool:
        """Whether ``juju ssh`` and ``juju scp`` know ``APPLICATION/leader``.

        They do since 2.9 (juju/juju#12662), and actions did before.
        """
        return self >= Juju.V2_9

    def __lt__(self, release: Juju) -> bool:
        return self._numbers < release._numbers

    def __le__(self, release: Juju) -> bool:
        return self._numbers <= release._numbers

    def __gt__(self, release: Juju) -> bool:
        return self._numbers > release._numbers

    def __ge__(self, release: Juju) -> bool:
        return self._numbers >= release._numbers
