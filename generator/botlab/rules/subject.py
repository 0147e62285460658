"""What the checks look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..bundle.model import Bundle
from ..catalogue.model import Charm
from ..findings import KeyPath
from ..juju import Juju

if TYPE_CHECKING:
    from ..site.model import Site


def same_path(path: KeyPath) -> KeyPath:
    """Return the path as it is: for a bundle that was not rendered from a site."""
    return path


@dataclass(frozen=True, slots=True)
class Subject:
    """A bundle and all that is known about it.

    Attributes:
        bundle: The bundle.
        juju: The Juju release that shall deploy it.
        charms: Facts of the charms, by application name; an application may be missing.
        site: The site that it was rendered from, if any.
        origin: Maps a path of the bundle to the path of the site file that decides it.
    """

    bundle: Bundle
    juju: Juju
    charms: Mapping[str, Charm] = field(default_factory=dict[str, Charm])
    site: Site | None = None
    origin: Callable[[KeyPath], KeyPath] = same_path
