"""Names that differ from each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


class UniqueNames:
    """A set of names to which each name is added in a form that it does not hold yet.

    Args:
        taken: The names that are taken already.
        longest: The largest number of characters of a name.
    """

    def __init__(self, taken: Iterable[str], longest: int) -> None:
        self._taken = set(taken)
        self._longest = longest
        self._numbers: Counter[str] = Counter()

    def __contains__(self, name: str) -> bool:
        """Return whether a name is taken."""
        return name in self._taken

    def add(self, name: str) -> str:
        """Add a name, with a number at its end if it is taken, and return the form that was added.

        Names of the same beginning share one count, so that the time for all names grows with
        their number only.
        """
        candidate = name[: self._longest]
        beginning = name[: self._longest // 2]
        while candidate in self._taken:
            self._numbers[beginning] += 1
            suffix = f"-{self._numbers[beginning] + 1}"
            candidate = f"{name[: self._longest - len(suffix)]}{suffix}"
        self._taken.add(candidate)
        return candidate
