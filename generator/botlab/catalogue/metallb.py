"""The releases of MetalLB that the charm metallb has, and which Kubernetes each runs on.

The charm's own table (mlb_releases.py) decides; a test holds this one against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .kubernetes import Version

Number = tuple[int, int, int]
_NAME = re.compile(r"v*(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)
# The first release that is configured by custom resources; the charm makes earlier ones itself.
_RESOURCES: Number = (0, 13, 0)
# The last Kubernetes with PodSecurityPolicy, which the objects up to 0.12 need.
_LAST_POLICIES: Version = (1, 24)


@dataclass(frozen=True, slots=True)
class Release:
    """A release of MetalLB.

    Attributes:
        name: Its version, with ``v``.
        oldest: The first Kubernetes that has the API versions of its objects.
        newest: The last one; None without a limit.
    """

    name: str
    oldest: Version
    newest: Version | None = None

    def fits(self, kubernetes: Version) -> bool:
        """Tell whether it runs on a Kubernetes."""
        return self.oldest <= kubernetes and (self.newest is None or kubernetes <= self.newest)


# 0.9.6 to 0.12 select nodes by kubernetes.io/os (1.14).
_MADE = (
    *(Release(name, (1, 13), _LAST_POLICIES) for name in ("v0.8.1", "v0.8.3", "v0.9.3")),
    *(
        Release(name, (1, 14), _LAST_POLICIES)
        for name in ("v0.9.6", "v0.9.8", "v0.10.3", "v0.11.0", "v0.12.1")
    ),
)
RELEASES = (
    *_MADE,
    Release("v0.13.12", (1, 19)),  # what its chart asks for
    # Documented for 1.21; their definitions carry validation rules, which servers know from 1.23.
    *(Release(name, (1, 23)) for name in ("v0.14.9", "v0.15.3", "v0.16.1")),
)


def is_release_name(text: str) -> bool:
    """Tell whether a text is a release's name, ``v`` or not; whether there is one is not asked."""
    return _NAME.fullmatch(text) is not None


def find_release(name: str) -> Release | None:
    """Return a release by its name; one of custom resources need not be in the table.

    Returns:
        None when the charm has none of it.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    wanted = f"v{name.lstrip('v')}"
    number = (int(found[1]), int(found[2]), int(found[3]))
    known = next((release for release in RELEASES if release.name == wanted), None)
    if known is not None or number < _RESOURCES:
        return known
    return Release(wanted, (1, 19) if number < (0, 14, 0) else (1, 23))
