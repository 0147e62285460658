"""The Juju releases whose rules and words are known here."""

from __future__ import annotations

import enum

from .errors import BotlabError


class Juju(enum.Enum):
    """A Juju release line; members compare by age."""

    V2_6 = "2.6"
    V2_9 = "2.9"
    V3_6 = "3.6"
    V4_0 = "4.0"

    @classmethod
    def parse(cls, text: str) -> Juju:
        """Read a version as an administrator writes it (``2.9``, ``2.9.51``).

        Raises:
            BotlabError: When no rules are known for that release line.
        """
        line = ".".join(text.strip().split(".")[:2])
        for member in cls:
            if member.value == line:
                return member
        known = ", ".join(member.value for member in cls)
        raise BotlabError(f"juju {text!r}: no rules are known for it; use one of {known}")

    @property
    def _key(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.value.split("."))

    def __lt__(self, other: Juju) -> bool:
        return self._key < other._key

    def __le__(self, other: Juju) -> bool:
        return self._key <= other._key

    def __gt__(self, other: Juju) -> bool:
        return self._key > other._key

    def __ge__(self, other: Juju) -> bool:
        return self._key >= other._key
