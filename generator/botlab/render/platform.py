"""The choice between series and bases in a bundle."""

from __future__ import annotations

from dataclasses import dataclass

from ..bundle.bases import SERIES_TO_BASE
from ..juju import Juju


@dataclass(frozen=True, slots=True)
class Platform:
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
