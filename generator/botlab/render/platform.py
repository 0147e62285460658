"""Whether a bundle names series or bases."""

from __future__ import annotations

from dataclasses import dataclass

from ..bundle.base import SERIES_TO_BASE
from ..juju import Juju


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform in the form that a Juju release takes: exactly one of the two is set."""

    series: str = ""
    base: str = ""


def platform_for(series: str, juju: Juju, *, pinned: bool) -> Platform:
    """Return the form for a release.

    Series up to 3.2, and on 3.3 to 3.6 where a Charmhub revision is pinned (LP 2054375: the
    deploy fails with a base there); a base otherwise; a base alone on 4.x.
    """
    base = SERIES_TO_BASE.get(series, "")
    if juju < Juju.V3_6 or not base or (pinned and juju < Juju.V4_0):
        return Platform(series=series)
    return Platform(base=base)
