"""The choice between series and bases in a bundle."""

from __future__ import annotations

from typing import NamedTuple

from ..bundle.bases import SERIES_TO_BASE
from ..bundle.charm_url import charmhub_name
from ..bundle.model import Bundle
from ..juju import Juju


class Platform(NamedTuple):
    """A version of Ubuntu in the form that a Juju release reads. Exactly one field is set."""

    series: str = ""
    base: str = ""


def platform_for(series: str, juju: Juju, *, pinned: bool) -> Platform:
    """Return the platform of a series in the form for a Juju release.

    It is a series up to Juju 3.2, and on 3.3 to 3.6 when a Charmhub revision is pinned, because
    such a deploy fails with a base (LP 2054375). Otherwise it is a base; 4.x reads nothing else.

    Args:
        series: The series of the profile.
        juju: The Juju release.
        pinned: Whether the bundle pins a Charmhub revision.
    """
    base = SERIES_TO_BASE.get(series, "")
    if juju < Juju.V3_6 or not base or (pinned and juju < Juju.V4_0):
        return Platform(series=series)
    return Platform(base=base)


def pins_charmhub_revision(bundle: Bundle, juju: Juju) -> bool:
    """Return whether a bundle pins the revision of a charm of Charmhub."""
    return any(
        application.revision is not None and bool(charmhub_name(application.charm, juju))
        for application in bundle.applications.values()
        if application
    )


def set_platform(bundle: Bundle, platform: Platform) -> None:
    """Set the platform of a rendered bundle, whose applications and machines all have one."""
    bundle.series, bundle.default_base = platform.series, platform.base
    for part in (*bundle.applications.values(), *bundle.machines.values()):
        if part is not None:
            part.series, part.base = platform.series, platform.base
