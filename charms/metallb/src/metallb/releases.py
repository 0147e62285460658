"""The releases of MetalLB that this charm installs, and which of them fits a Kubernetes server.

The table is the file `releases.yaml`, which the generator's catalogue reads as well. The sources
of its figures are named there.
"""

import functools
import os
from typing import List, NamedTuple, Optional, Tuple

import yaml

from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labkube.charm import releases
from labkube.charm.releases import ReleaseError
from labkube.client.api import Version

Number = Tuple[int, int, int]
# The first release that is configured by custom resources instead of a ConfigMap.
FIRST_WITH_CUSTOM_RESOURCES = (0, 13, 0)
MANIFEST_URL = (
    "https://raw.githubusercontent.com/metallb/metallb/{name}/config/manifests/metallb-native.yaml"
)
_TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "releases.yaml")


class Release(NamedTuple):
    """A release of MetalLB.

    Attributes:
        name: Its tag, such as v0.12.1.
        number: The tag as numbers.
        oldest: The first Kubernetes release that it runs on.
        newest: The last one; None where there is no limit.
        images: The registry path that holds its images.
        tag: The tag of its images.
        digest: The SHA-256 of its manifest; empty where the table has none.
    """

    name: str
    number: Number
    oldest: Version
    newest: Optional[Version]
    images: str
    tag: str
    digest: str

    @property
    def uses_custom_resources(self) -> bool:
        """True if custom resources configure the release, and not a ConfigMap."""
        return self.number >= FIRST_WITH_CUSTOM_RESOURCES

    @property
    def manifest_url(self) -> str:
        """The address of upstream's manifest."""
        return MANIFEST_URL.replace("{name}", self.name)


class ReleaseTable(NamedTuple):
    """The content of `releases.yaml`.

    Attributes:
        releases: The releases, the oldest first.
        unlisted: Rows that stand in for releases that the table does not list. Such a release gets
            the newest row that is not newer than the release.
        defaults: The release for each Kubernetes release, the newest Kubernetes first.
    """

    releases: Tuple[Release, ...]
    unlisted: Tuple[Release, ...]
    defaults: Tuple[Tuple[Version, str], ...]


@functools.lru_cache(maxsize=None)
def release_table() -> ReleaseTable:
    """Read the table once."""
    with open(_TABLE, encoding="utf-8") as file:
        table = yaml.safe_load(file)
    return ReleaseTable(
        tuple(_release(row["name"], row) for row in table["releases"]),
        tuple(_release(row["since"], row) for row in table["unlisted"]),
        tuple((_version(row["kubernetes"]), row["release"]) for row in table["defaults"]),
    )


def find(name: str) -> Release:
    """Return a release by its name, with or without the `v`.

    A release that is configured by custom resources need not be in the table.

    Raises:
        ReleaseError: When the name is not one of a release, or an older release is not in the
            table.
    """
    tag = "v" + name.lstrip("v")
    for release in release_table().releases:
        if release.name == tag:
            return release
    try:
        number = _number(tag)
    except ValueError:
        raise ReleaseError(f"version is {name!r}; write one such as v0.12.1") from None
    if number < FIRST_WITH_CUSTOM_RESOURCES:
        names = [release.name for release in reversed(release_table().releases)]
        raise ReleaseError(f"version {tag} is not supported; use {summarize(names)}")
    newest_first = reversed(release_table().unlisted)
    stand_in = next(release for release in newest_first if release.number <= number)
    return stand_in._replace(name=tag, tag=tag, number=number)


def choose(server: Version, version: str) -> Release:
    """Return the release to install on a server.

    Args:
        server: The Kubernetes release of the API server.
        version: The name of the requested release; empty for the server's default.

    Raises:
        ReleaseError: When the release does not fit the server; the message names those that do.
    """
    table = release_table()
    release: Release = releases.choose(server, version, table.defaults, table.releases, find)
    return release


def fitting(server: Version) -> List[str]:
    """Return the names of the releases in the table that run on a server."""
    return releases.fitting(release_table().releases, server)


def _release(name: str, row: JsonObject) -> Release:
    newest = row.get("newest")
    return Release(
        name,
        _number(name),
        _version(row["oldest"]),
        _version(newest) if newest else None,
        row["images"],
        row.get("tag", name),
        row.get("digest", ""),
    )


def _number(name: str) -> Number:
    major, minor, patch = (int(part) for part in name.lstrip("v").split("."))
    return (major, minor, patch)


def _version(text: str) -> Version:
    major, minor = (int(part) for part in text.split("."))
    return (major, minor)
