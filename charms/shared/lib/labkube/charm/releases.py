"""The release of a workload that fits a server, by a charm's own table.

A table's rows have a `name`, the `oldest` server and the `newest` one (None without a limit).
"""

from typing import Any, Callable, Iterable, List, Sequence, Tuple

from labcharm.errors import BlockedError
from labcharm.text import summarize
from labkube.client.api import Version

# A row of a charm's table; each charm has a class of its own.
Release = Any
# The oldest server on which a release is the default, and the release's name; the newest first.
Defaults = Sequence[Tuple[Version, str]]


class ReleaseError(BlockedError):
    """A release that is not in the table or does not fit the server.

    Attributes:
        release: The release's name; empty where none was asked for.
        fitting: The names of the releases that can be used instead.
    """

    def __init__(self, message: str, release: str = "", fitting: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.release, self.fitting = release, list(fitting)


def choose(
    server: Version,
    name: str,
    defaults: Defaults,
    releases: Iterable[Release],
    find: Callable[[str], Release],
) -> Release:
    """Return the release for a server: the one with this name, or the default.

    Args:
        server: The server's version.
        name: A release's name; empty for the default.
        defaults: The default releases.
        releases: The table.
        find: Returns a release by its name, which need not be in the table.

    Raises:
        ReleaseError: When the release does not fit, or the server is too old for every default.
    """
    if not name:
        return find(_default(server, defaults))
    release = find(name)
    if not fits(release, server):
        alternatives = fitting(releases, server)
        raise ReleaseError(
            f"version {release.name} does not fit Kubernetes {_dotted(server)};"
            f" those that do are {summarize(alternatives[::-1], 4) or 'none'}",
            release.name,
            alternatives,
        )
    return release


def _default(server: Version, defaults: Defaults) -> str:
    for oldest, name in defaults:
        if server >= oldest:
            return name
    limit = _dotted(defaults[-1][0])
    raise ReleaseError(
        f"Kubernetes {_dotted(server)} is older than {limit}, the oldest supported release"
    )


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def fits(release: Release, server: Version) -> bool:
    """Return whether a release runs on a server."""
    newest = release.newest
    return bool(release.oldest <= server and (newest is None or server <= newest))


def fitting(releases: Iterable[Release], server: Version) -> List[str]:
    """Return the names of the releases that run on a server."""
    return [release.name for release in releases if fits(release, server)]
