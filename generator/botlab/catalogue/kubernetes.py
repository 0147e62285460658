"""Versions of Kubernetes, as snap channels and people write them."""

from __future__ import annotations

import re

Version = tuple[int, int]


def read_track(text: str) -> Version | None:
    """Return the Kubernetes of a snap channel such as ``1.13/stable``; None when it names none."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})", text, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def version_text(version: Version) -> str:
    """Write a version as people do: ``1.13``."""
    return f"{version[0]}.{version[1]}"
