"""Labels of resources: names that HCL can read, each of them once."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
_START = re.compile(r"[A-Za-z_]", re.ASCII)


class Labels:
    """The labels of the resources of one kind.

    Args:
        prefix: What precedes a name that begins with a digit or a hyphen.
    """

    def __init__(self, prefix: str = "_") -> None:
        self._prefix = prefix
        self._used: set[str] = set()

    def add(self, name: str) -> str:
        """Return a new label that is like a name."""
        label = _OTHER.sub("_", name)
        if not _START.match(label):
            label = f"{self._prefix}{label}"
        number = 2
        unique = label
        while unique in self._used:
            unique = f"{label}_{number}"
            number += 1
        self._used.add(unique)
        return unique
