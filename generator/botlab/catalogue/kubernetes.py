"""Kubernetes releases, as snap channels and people write them."""

from __future__ import annotations

import re

Version = tuple[int, int]


def read_track(channel: str) -> Version | None:
    """Return the Kubernetes release of a snap channel such as ``1.13/stable``.

    Returns:
        None when the channel names no release.
    """
    match = re.match(r"(\d{1,4})\.(\d{1,4})", channel, re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


def version_text(version: Version) -> str:
    """Return a release as people write it, such as ``1.13``."""
    return f"{version[0]}.{version[1]}"


def parse_version(text: str) -> Version:
    """Return the release of a string such as ``1.13``."""
    major, minor = text.split(".")
    return (int(major), int(minor))
