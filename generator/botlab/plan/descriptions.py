"""The descriptions of changes in the output of ``juju deploy``, by Juju release.

Source: the ``Description`` methods of juju/bundlechanges at a15b892 (2.6) and of juju/juju
core/bundle/changes at 2.9 and 3.x.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from ..bundle.charm_url import CharmUrl, CharmUrlError, parse_charm_url
from ..bundle.model import Exposure
from ..juju import Juju

# Juju's names of the stores, by the schema of the charm's URL.
STORES = {"ch": "charm-hub", "cs": "charm-store", "local": "local"}


class Descriptions:
    """The descriptions of a Juju release."""

    def __init__(self, juju: Juju) -> None:
        self._juju = juju
        self._is_2_6 = juju < Juju.V2_9

    def add_charm(
        self, charm: str, platform: str, channel: str, revision: int | None, arch: str
    ) -> str:
        """Describe the upload of a charm."""
        platform_text = self._platform_text(platform)
        if self._is_2_6:
            return f"upload charm {charm}{platform_text}"
        url = self._url(charm)
        name = f"{url.name} from {STORES[url.schema]}" if url else charm
        origin = f" from channel {channel}" if channel else ""
        if revision is not None and revision >= 0:
            origin = f" with revision {revision}"
        architecture = f" with architecture={arch}" if arch else ""
        return f"upload charm {name}{platform_text}{origin}{architecture}"

    def deploy(self, name: str, charm: str, platform: str, channel: str, units: int) -> str:
        """Describe the deployment of an application. Units are named on Kubernetes only."""
        units_text = f" with {units} unit{'s' if units > 1 else ''}" if units > 0 else ""
        platform_text = f" on {platform}" if platform else ""
        if self._is_2_6:
            return f"deploy application {name}{units_text}{platform_text} using {charm}"
        url = self._url(charm)
        store = f" from {STORES[url.schema]}" if url else ""
        using = f" using {url.name}" if url and url.name != name else ""
        track = f" with {channel}" if channel else ""
        return f"deploy application {name}{store}{units_text}{platform_text}{track}{using}"

    def upgrade(self, name: str, charm: str, platform: str, channel: str) -> str:
        """Describe the upgrade of an application of the model."""
        platform_text = self._platform_text(platform)
        if self._is_2_6:
            return f"upgrade {name} to use charm {charm}{platform_text}"
        url = self._url(charm)
        store = f" from {STORES[url.schema]} " if url else ""
        track = f" from channel {channel}" if channel else ""
        return (
            f"upgrade {name}{store}using charm {url.name if url else charm}{platform_text}{track}"
        )

    def expose(self, name: str, endpoints: Mapping[str, Exposure]) -> list[str]:
        """Describe the exposure of an application, with one line per group of endpoints."""
        if self._is_2_6:
            return [f"expose {name}"]
        if not endpoints:
            return [_exposure_line(f"expose all endpoints of {name}", Exposure())]
        return [_group_line(name, names, exposure) for names, exposure in _groups(endpoints)]

    def _platform_text(self, platform: str) -> str:
        kind = "series" if self._juju < Juju.V3_6 else "base"
        return f" for {kind} {platform}" if platform else ""

    def _url(self, charm: str) -> CharmUrl | None:
        try:
            return parse_charm_url(charm, self._juju)
        except CharmUrlError:
            return None


def _groups(endpoints: Mapping[str, Exposure]) -> list[tuple[list[str], Exposure]]:
    """Return the endpoints grouped by exposure. The endpoint "", which means all, stays alone."""
    groups: dict[Hashable, tuple[list[str], Exposure]] = {}
    for endpoint in sorted(endpoints):
        exposure = endpoints[endpoint]
        group = bool(endpoint), frozenset(exposure.spaces), frozenset(exposure.cidrs)
        names, _ = groups.setdefault(group, ([], exposure))
        names.append(endpoint)
    return list(groups.values())


def _group_line(name: str, endpoints: list[str], exposure: Exposure) -> str:
    if endpoints == [""]:
        return _exposure_line(f"expose all endpoints of {name}", exposure)
    plural = "s" if len(endpoints) > 1 else ""
    start = f"override expose settings for endpoint{plural} {','.join(endpoints)} of {name}"
    return _exposure_line(start, exposure)


def _exposure_line(start: str, exposure: Exposure) -> str:
    parts: list[str] = []
    for noun, names in (("space", exposure.spaces), ("CIDR", exposure.cidrs)):
        if names:
            plural = "s" if len(names) > 1 else ""
            parts.append(f"{noun}{plural} {','.join(sorted(names))}")
    return f"{start} and allow access from {' and '.join(parts) or 'CIDRs 0.0.0.0/0 and ::/0'}"
