"""The releases of the NFS provisioner, and the one that fits a cluster."""

from functools import lru_cache
from typing import NamedTuple, Optional, Tuple

from labcharm.json_types import JsonObject
from labkube.charm.releases import ReleaseError
from labkube.client.api import Version
from nfs_server.cluster.storage_class import StorageClass
from nfs_server.tables import read_table


class Release(NamedTuple):
    """A row of releases.yaml.

    Attributes:
        name: The image's tag.
        registry: The registry of its image.
        image: The image's path in the registry.
        oldest: The first Kubernetes that it is installed on by default; None without a limit.
        newest: The last Kubernetes that it can make volumes on; None without a limit.
        class_options: The charm options for the StorageClass that not every release has.
        reads_nodes: Whether its account may read nodes.
        election_variable: The environment variable with which its leader election is switched off;
            empty where it always elects a leader.
    """

    name: str
    registry: str
    image: str
    oldest: Optional[Version]
    newest: Optional[Version]
    class_options: Tuple[str, ...]
    reads_nodes: bool
    election_variable: str


@lru_cache(maxsize=None)
def releases() -> Tuple[Release, ...]:
    """Return the releases, the oldest first."""
    return tuple(_read_row(row) for row in read_table("releases.yaml")["releases"])


def _read_row(row: JsonObject) -> Release:
    return Release(
        name=row["name"],
        registry=row["registry"],
        image=row["image"],
        oldest=_version(row.get("oldest")),
        newest=_version(row.get("newest")),
        class_options=tuple(row.get("class_options", ())),
        reads_nodes=row.get("reads_nodes", False),
        election_variable=row.get("election_variable", ""),
    )


def _version(text: Optional[str]) -> Optional[Version]:
    if text is None:
        return None
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def find_release(name: str) -> Release:
    """Return a release by its name.

    Raises:
        ReleaseError: When the table has no such release.
    """
    for release in releases():
        if release.name == name:
            return release
    names = [release.name for release in releases()]
    message = f"{name!r} is not a release of the provisioner; write {' or '.join(names)}"
    raise ReleaseError(message, name, names)


def default_release(server: Version) -> Release:
    """Return the newest release that is installed on a server by default."""
    fitting = [
        release for release in releases() if release.oldest is None or server >= release.oldest
    ]
    return fitting[-1]


def choose_release(server: Version, version: str, storage_class: StorageClass) -> Release:
    """Return the release for a server.

    Args:
        server: The version of the API server.
        version: The release's name; empty for the default of the server.
        storage_class: The class, whose options not every release has.

    Raises:
        ReleaseError: When the release does not run there, or does not have an option of the class.
    """
    release = find_release(version) if version else default_release(server)
    _check_server(release, server)
    for name, text in (
        ("on-delete", storage_class.on_delete),
        ("path-pattern", storage_class.path_pattern),
    ):
        if text and name not in release.class_options:
            raise _missing_option(release, name)
    return release


def _check_server(release: Release, server: Version) -> None:
    if release.newest is not None and server > release.newest:
        better = default_release(server).name
        raise ReleaseError(
            f"provisioner-version: {release.name} cannot make volumes on Kubernetes"
            f" {server[0]}.{server[1]}, which has no selfLink; write {better}",
            release.name,
            [better],
        )


def _missing_option(release: Release, option: str) -> ReleaseError:
    capable = [row.name for row in releases() if option in row.class_options]
    message = (
        f"{option}: {release.name} does not have this option; leave it empty, or set"
        f" provisioner-version={capable[-1]}"
    )
    return ReleaseError(message, release.name, capable)


def image_of(release: Release, registry: str) -> str:
    """Return a release's image.

    Args:
        release: The release.
        registry: The registry; empty for the release's own.
    """
    return f"{registry or release.registry}/{release.image}:{release.name}"
