"""Which release of a workload fits a server, by a charm's own table of them.

A table's rows have a `name`, the `oldest` server and the `newest` (None without a limit).
"""

from typing import Any, Callable, Iterable, List, Sequence, Tuple

from labcharm.errors import BlockedError
from labkube.client.api import Version

# The oldest server that a release is taken on unasked, the newest first.
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
    wish: str,
    defaults: Defaults,
    releases: Iterable[Any],
    find: Callable[[str], Any],
) -> Any:
    """Return the release for a server: the one that is asked for, or the one that fits.

    Args:
        server: The server's version.
        wish: A release's name; empty takes the one that fits.
        defaults: What is taken unasked.
        releases: The table.
        find: Returns a release by its name, also one that the table need not have.

    Raises:
        ReleaseError: When none fits; with those that do.
    """
    if not wish:
        for since, name in defaults:
            if server >= since:
                return find(name)
        oldest = defaults[-1][0]
        told = "Kubernetes %d.%d is older than %d.%d, the oldest that is served here"
        raise ReleaseError(told % (server + oldest))
    release = find(wish)
    if not fits(release, server):
        told = "version %s does not fit Kubernetes %d.%d; those that do are %s"
        names = ", ".join(fitting(releases, server)) or "none"
        message = told % (release.name, server[0], server[1], names)
        raise ReleaseError(message, release.name, fitting(releases, server))
    return release


def fits(release: Any, server: Version) -> bool:
    """Tell whether a release runs on a server."""
    newest = release.newest
    return bool(release.oldest <= server and (newest is None or server <= newest))


def fitting(releases: Iterable[Any], server: Version) -> List[str]:
    """Name the releases that run on a server."""
    return [release.name for release in releases if fits(release, server)]
