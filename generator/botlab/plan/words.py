"""What each change is called in ``juju deploy``'s output, by release.

Source: the ``Description`` methods of juju/bundlechanges at a15b892 (2.6) and of juju/juju
core/bundle/changes at 2.9 and 3.x.
"""

from __future__ import annotations

from ..bundle.bases import SERIES_TO_BASE, normalize_base
from ..bundle.charm_url import CharmUrl, CharmUrlError, parse_charm_url
from ..bundle.model import Exposure
from ..juju import Juju

_STORES = {"ch": "charm-hub", "cs": "charm-store", "local": "local"}


class Words:
    """The words of one release."""

    def __init__(self, juju: Juju) -> None:
        self._juju = juju
        self._old = juju < Juju.V2_9

    def platform(self, series: str, base: str, default_series: str, default_base: str) -> str:
        """Return what this release calls an application's platform: a series, or a base."""
        if self._juju < Juju.V3_6:
            return series or default_series
        for own_base, own_series in ((base, series), (default_base, default_series)):
            if own_base:
                return normalize_base(own_base)
            if own_series:
                known = SERIES_TO_BASE.get(own_series)
                return normalize_base(known) if known else own_series
        return ""

    def add_charm(
        self, charm: str, platform: str, channel: str, revision: int | None, arch: str
    ) -> str:
        """Upload of a charm."""
        kind = "series" if self._juju < Juju.V3_6 else "base"
        where = f" for {kind} {platform}" if platform else ""
        if self._old:
            return f"upload charm {charm}{where}"
        url = self._url(charm)
        name = f"{url.name} from {_STORES[url.schema]}" if url else charm
        origin = f" from channel {channel}" if channel else ""
        if revision is not None and revision >= 0:
            origin = f" with revision {revision}"
        return f"upload charm {name}{where}{origin} with architecture={arch}"

    def deploy(self, name: str, charm: str, platform: str, channel: str, units: int) -> str:
        """Deployment of an application; units are counted here on Kubernetes only."""
        many = f" with {units} unit{'s' if units > 1 else ''}" if units > 0 else ""
        on = f" on {platform}" if platform else ""
        if self._old:
            return f"deploy application {name}{many}{on} using {charm}"
        url = self._url(charm)
        store = f" from {_STORES[url.schema]}" if url else ""
        using = f" using {url.name}" if url and url.name != name else ""
        track = f" with {channel}" if channel else ""
        return f"deploy application {name}{store}{many}{on}{track}{using}"

    def upgrade(self, name: str, charm: str, platform: str, channel: str) -> str:
        """Upgrade of an application that the model has."""
        kind = "series" if self._juju < Juju.V3_6 else "base"
        where = f" for {kind} {platform}" if platform else ""
        if self._old:
            return f"upgrade {name} to use charm {charm}{where}"
        url = self._url(charm)
        store = f" from {_STORES[url.schema]} " if url else ""
        track = f" from channel {channel}" if channel else ""
        return f"upgrade {name}{store}using charm {url.name if url else charm}{where}{track}"

    def expose(self, name: str, endpoints: dict[str, Exposure]) -> list[str]:
        """Exposure of an application."""
        if self._old:
            return [f"expose {name}"]
        if not endpoints:
            return [_exposed_to(f"expose all endpoints of {name}", Exposure())]
        groups: list[tuple[list[str], Exposure]] = []
        for endpoint in sorted(endpoints):
            exposure = endpoints[endpoint]
            same = [names for names, other in groups if names[0] and _same(other, exposure)]
            if endpoint and same:
                same[0].append(endpoint)
            else:
                groups.append(([endpoint], exposure))
        return [_group(name, names, exposure) for names, exposure in groups]

    def _url(self, charm: str) -> CharmUrl | None:
        try:
            return parse_charm_url(charm, self._juju)
        except CharmUrlError:
            return None


def _same(left: Exposure, right: Exposure) -> bool:
    return set(left.spaces) == set(right.spaces) and set(left.cidrs) == set(right.cidrs)


def _group(name: str, endpoints: list[str], exposure: Exposure) -> str:
    if endpoints == [""]:
        return _exposed_to(f"expose all endpoints of {name}", exposure)
    plural = "s" if len(endpoints) > 1 else ""
    start = f"override expose settings for endpoint{plural} {','.join(endpoints)} of {name}"
    return _exposed_to(start, exposure)


def _exposed_to(start: str, exposure: Exposure) -> str:
    parts: list[str] = []
    for word, values in (("space", exposure.spaces), ("CIDR", exposure.cidrs)):
        if values:
            plural = "s" if len(values) > 1 else ""
            parts.append(f"{word}{plural} {','.join(sorted(values))}")
    return f"{start} and allow access from {' and '.join(parts) or 'CIDRs 0.0.0.0/0 and ::/0'}"
