"""The platform of applications and machines: a series up to Juju 2.9, a base later.

Sources: ``getSeries`` of juju/bundlechanges (2.6) and of juju/juju core/bundle/changes (2.9), and
``computeApplicationBase`` and ``computeBase`` of core/bundle/changes (3.6, 4.0).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..bundle.bases import BASE_TO_SERIES, SERIES_TO_BASE
from ..bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url
from ..bundle.go_text import quote
from ..bundle.model import KUBERNETES, Application, Bundle, Machine
from ..catalogue.model import Charm
from ..juju import Juju
from .errors import PlanError

# core/base LegacyKubernetesBase: the base of charms that name the series kubernetes.
_LEGACY_KUBERNETES_BASE = "ubuntu@20.04/stable"


class Platforms:
    """The platforms of a bundle's applications and machines."""

    def __init__(self, bundle: Bundle, juju: Juju, charms: Mapping[str, Charm]) -> None:
        self._juju = juju
        self._charms = charms
        self._has_bases = juju >= Juju.V3_6
        self._default = self._named(bundle.default_base, bundle.series)
        self._series = bundle.series
        if juju < Juju.V2_9 and bundle.type == KUBERNETES:
            self._series = KUBERNETES

    def of_application(self, name: str, application: Application, charm: str) -> str:
        """Return the platform of an application; empty when only the store or Juju decides it.

        Args:
            name: The application's name.
            application: The application.
            charm: Its charm, which for a deployed local charm is the URL in the model.

        Raises:
            PlanError: When the release does not know the series.
        """
        if not self._has_bases:
            return application.series or self._series_of_charm(name, charm)
        if self._juju < Juju.V4_0 and application.series == KUBERNETES:
            return _LEGACY_KUBERNETES_BASE
        platform = self._named(application.base, application.series)
        if platform or not is_local_path(charm):
            return platform or self._default
        return self._default or self._base_of_charm(name)

    def of_machine(self, machine: Machine) -> str:
        """Return the platform of a machine.

        Raises:
            PlanError: When the release does not know the series.
        """
        if not self._has_bases:
            return machine.series or self._series
        return self._named(machine.base, machine.series) or self._default

    def _named(self, base: str, series: str) -> str:
        """Return the platform that a base or a series names. A base wins."""
        if not self._has_bases:
            return series
        if base:
            return full_base(base)
        return base_of_series(series) if series and self._juju < Juju.V4_0 else ""

    def _series_of_charm(self, name: str, charm: str) -> str:
        """Return the series of a charm without a series of its own in the bundle."""
        if is_local_path(charm):
            # Juju also takes the default series if the charm does not support it.
            return self._series or self._first_series(name)
        try:
            return parse_charm_url(charm, self._juju).series or self._series
        except CharmUrlError:
            return self._series

    def _first_series(self, name: str) -> str:
        charm = self._charms.get(name)
        if charm is None:
            return ""
        bases = _bases(charm)
        if self._juju >= Juju.V2_9 and bases is not None:
            # From 2.9 on, a manifest replaces the series of the metadata.
            return BASE_TO_SERIES.get(bases[0].partition("/")[0], "") if bases else ""
        return charm.series[0] if charm.series else ""

    def _base_of_charm(self, name: str) -> str:
        """Return the first base of a charm: of its manifest, or up to 3.6 of its series."""
        charm = self._charms.get(name)
        if charm is None:
            return ""
        bases = _bases(charm)
        if bases is not None:
            return full_base(bases[0]) if bases else ""
        if self._juju >= Juju.V4_0 or not charm.series:
            return ""
        if charm.series[0] == KUBERNETES:
            return _LEGACY_KUBERNETES_BASE
        return base_of_series(charm.series[0])


def _bases(charm: Charm) -> list[str] | None:
    """Return the bases of a charm's manifest or catalogue; None if it has neither."""
    if charm.manifest is not None:
        return [f"{base.name}@{base.channel}" for base in charm.manifest]
    return list(charm.bases) or None


def full_base(base: str) -> str:
    """Return a base with its risk, as Juju prints it: ``ubuntu@22.04`` is ``ubuntu@22.04/stable``.

    The track ``kubernetes`` has no risk (core/base ``Channel.Normalize``).
    """
    system, _, channel = base.partition("@")
    track, slash, _ = channel.partition("/")
    if slash or track == KUBERNETES:
        return base
    return f"{system}@{track}/stable"


def base_of_series(series: str) -> str:
    """Return the base of a series.

    Raises:
        PlanError: When Juju does not know the series.
    """
    base = SERIES_TO_BASE.get(series)
    if base is None:
        raise PlanError(f"series {quote(series)} not valid")
    return full_base(base)
