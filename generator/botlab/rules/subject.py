"""The bundle that the rules check, with everything that is known about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..bundle.model import Bundle
from ..catalogue.model import Charm
from ..catalogue.profiles import BUILT_IN, ProfileLibrary
from ..findings import KeyPath
from ..juju import Juju

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ..inventory.dumps import MaasInventory
    from ..site.model import Site


def same_path(path: KeyPath) -> KeyPath:
    """Return a path unchanged: the origin of a bundle that was not rendered from a site."""
    return path


def names_charm(origin: Callable[[KeyPath], KeyPath], application: str) -> bool:
    """Return whether a site or an overlay names the charm of an application.

    The profile of the site names the others.

    Args:
        origin: Function that maps a path of the bundle to the path of the site that decides it.
        application: The application of the bundle.
    """
    return origin(("applications", application, "charm"))[:1] == ("applications",)


@dataclass(frozen=True, slots=True)
class Subject:
    """A bundle to check.

    Attributes:
        bundle: The bundle.
        juju: The Juju release that will deploy the bundle.
        charms: The facts of the charms, by application name. Applications may be missing.
        site: The site that the bundle was rendered from, if any.
        origin: Function that maps a path of the bundle to the path of the site that decides it.
        maas: What MAAS knows, if anything.
        profiles: The profiles that the site can choose.
    """

    bundle: Bundle
    juju: Juju
    charms: Mapping[str, Charm] = field(default_factory=dict[str, Charm])
    site: Site | None = None
    origin: Callable[[KeyPath], KeyPath] = same_path
    maas: MaasInventory | None = None
    profiles: ProfileLibrary = BUILT_IN
