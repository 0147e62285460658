"""The releases of MetalLB that the charm metallb installs, and the Kubernetes releases they need.

The table is the charm's own file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .kubernetes import Version
from .release_table import KubernetesRange, default_release, read_table

TABLE = "src/metallb/releases.yaml"
# The charm's manifest_url, and the programs that each release runs in pods.
_MANIFEST_URL = (
    "https://raw.githubusercontent.com/metallb/metallb/{name}/config/manifests/metallb-native.yaml"
)
_PROGRAMS = ("controller", "speaker")
_NAME = re.compile(r"v*(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


class Release(NamedTuple):
    """A release of MetalLB.

    Attributes:
        name: Its tag, which starts with ``v``.
        kubernetes: The Kubernetes releases that it runs on.
        images: The images of its pods, as upstream names them.
        digest: The SHA-256 of its manifest; empty where the charm makes the objects itself, and
            where the table has none.
    """

    name: str
    kubernetes: KubernetesRange
    images: tuple[str, ...]
    digest: str = ""

    def fits(self, kubernetes: Version) -> bool:
        """Return whether the release runs on a Kubernetes release."""
        return kubernetes in self.kubernetes

    @property
    def uses_custom_resources(self) -> bool:
        """Whether custom resources configure it, which its downloaded manifest defines.

        The charm creates the objects of other releases itself.
        """
        return _number(self.name) >= _number(_table()["unlisted"][0]["since"])

    @property
    def manifest_url(self) -> str:
        """The address of upstream's manifest of a release that custom resources configure."""
        return _MANIFEST_URL.replace("{name}", self.name)


@functools.cache
def _table() -> dict[str, Any]:
    return read_table("metallb", TABLE)


@functools.cache
def releases() -> tuple[Release, ...]:
    """Return the releases of the charm's table, from the oldest to the newest."""
    return tuple(_release(row["name"], row) for row in _table()["releases"])


def _release(name: str, row: Mapping[str, Any]) -> Release:
    tag = row.get("tag", name)
    images = tuple(f"{row['images']}/{program}:{tag}" for program in _PROGRAMS)
    return Release(name, KubernetesRange.of_row(row), images, row.get("digest", ""))


def is_release_name(text: str) -> bool:
    """Return whether a string has the form of a release's name, with or without ``v``."""
    return _NAME.fullmatch(text) is not None


def find_release(name: str) -> Release | None:
    """Return the release of a name that is written with or without ``v``.

    The charm also installs releases outside its table when custom resources configure them.

    Returns:
        None when the charm cannot install a release of this name.
    """
    if not is_release_name(name):
        return None
    tag = f"v{name.lstrip('v')}"
    return next((release for release in releases() if release.name == tag), _unlisted(tag))


def choose_release(kubernetes: Version | None, name: str) -> Release | None:
    """Return the release that the charm installs.

    Args:
        kubernetes: The cluster's Kubernetes release; None when it is not known.
        name: The option ``version``; empty for the cluster's default.
    """
    if name:
        return find_release(name)
    default = default_release(_table()["defaults"], kubernetes) if kubernetes else None
    return find_release(default) if default else None


def _unlisted(tag: str) -> Release | None:
    """Return a release that is not in the table; None when the charm needs a row for it."""
    rows = [row for row in _table()["unlisted"] if _number(tag) >= _number(row["since"])]
    return _release(tag, rows[-1]) if rows else None


def _number(tag: str) -> tuple[int, ...]:
    return tuple(int(part) for part in tag.lstrip("v").split("."))
