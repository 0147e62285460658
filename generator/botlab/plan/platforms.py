"""The platform of applications and machines: a series up to Juju 2.9, a base later.

Sources: ``getSeries`` of juju/bundlechanges (2.6) and of juju/juju core/bundle/changes (2.9), and
``computeApplicationBase`` and ``computeBase`` of core/bundle/changes (3.6, 4.0).
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping

from ..bundle.bases import SERIES_TO_BASE
from ..bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url
from ..bundle.go_text import quote
from ..bundle.model import KUBERNETES, Application, Bundle, Machine
from ..catalogue.model import Charm
from ..juju import Juju
from .charm_files import unreadable_charm
from .errors import PlanError

# core/base LegacyKubernetesBase: the base of charms that name the series kubernetes.
_LEGACY_KUBERNETES_BASE = "ubuntu@20.04/stable"
_SERIES_BY_VERSION = {base.partition("@")[2]: series for series, base in SERIES_TO_BASE.items()}


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
            PlanError: When the release does not know the series, or cannot read a local charm.
        """
        if not self._has_bases:
            return application.series or self._series_of_charm(name, charm)
        if self._juju < Juju.V4_0 and application.series == KUBERNETES:
            return _LEGACY_KUBERNETES_BASE
        platform = self._named(application.base, application.series)
        if platform or not is_local_path(charm):
            return platform or self._default
        self._check_file(charm)
        supported = self._supported_bases(name, charm)
        # Juju also takes the default base if the charm does not support it.
        return self._default or (supported[0] if supported else "")

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
            return full_base(base, self._juju)
        return base_of_series(series) if series and self._juju < Juju.V4_0 else ""

    def _check_file(self, path: str) -> None:
        # Unlike Path.exists, os.path.exists accepts names of any length.
        problem = unreadable_charm(path, self._juju) if os.path.exists(path) else ""  # noqa: PTH110
        if problem:
            raise PlanError(problem)

    def _series_of_charm(self, name: str, charm: str) -> str:
        """Return the series of a charm without a series of its own in the bundle."""
        if is_local_path(charm):
            self._check_file(charm)
            return self._series_of_local_charm(name, charm)
        try:
            return parse_charm_url(charm, self._juju).series or self._series
        except CharmUrlError:
            return self._series

    def _series_of_local_charm(self, name: str, path: str) -> str:
        """Return the bundle's series, or the first one that a local charm supports.

        2.9 refuses a series that the charm does not support. 2.6 uses it anyway.
        """
        charm = self._charms.get(name)
        if charm is None:
            return self._series
        supported = self._supported_series(charm)
        if self._juju >= Juju.V2_9:
            self._check_series(supported, path)
        return self._series or (supported[0] if supported else "")

    def _check_series(self, supported: list[str], path: str) -> None:
        if supported and self._series and self._series not in supported:
            names = ",".join(supported)
            reason = f"not supported by charm, supported series are: {names}"
            raise PlanError(f"series {quote(self._series)} {reason}")
        if not supported and not self._series and os.path.exists(path):  # noqa: PTH110 - accepts names of any length
            raise PlanError("series not specified and charm does not define any")

    def _supported_series(self, charm: Charm) -> list[str]:
        """Return the series of a charm. From 2.9 on, a manifest replaces those of the metadata."""
        bases = _bases(charm)
        if self._juju < Juju.V2_9 or bases is None:
            return list(charm.series)
        return list(dict.fromkeys(_series_of_version(base) for base in bases))

    def _supported_bases(self, name: str, path: str) -> list[str]:
        """Return the bases of a charm: of its manifest, or up to 3.6 of its series."""
        charm = self._charms.get(name)
        bases = _bases(charm) if charm else None
        if bases is not None:
            return [full_base(base, self._juju) for base in bases]
        if self._juju >= Juju.V4_0:
            if charm and os.path.isfile(path):  # noqa: PTH113 - accepts names of any length
                raise PlanError("charm without manifest not valid")
            return []
        return [
            _base_of_charm_series(series, index)
            for index, series in enumerate(charm.series if charm else ())
        ]


def _series_of_version(base: str) -> str:
    """Return the series of a manifest's base, which Juju 2.9 finds by the version alone."""
    version = base.partition("@")[2].partition("/")[0]
    series = _SERIES_BY_VERSION.get(version)
    if series is None:
        raise PlanError(f"unknown series for version: {quote(version)}")
    return series


def _base_of_charm_series(series: str, index: int) -> str:
    """Return the base of a series in a charm's metadata."""
    if series == KUBERNETES:
        return _LEGACY_KUBERNETES_BASE
    try:
        return base_of_series(series)
    except PlanError as error:
        raise PlanError(f"transforming slice at index {index}: {error}") from None


def _bases(charm: Charm) -> list[str] | None:
    """Return the bases of a charm's manifest or catalogue; None if it has neither."""
    if charm.manifest is not None:
        return [f"{base.name}@{base.channel}" for base in charm.manifest]
    return list(charm.bases) or None


def full_base(base: str, juju: Juju = Juju.V3_6) -> str:
    """Return a base with its risk, as Juju prints it: ``ubuntu@22.04`` is ``ubuntu@22.04/stable``.

    Up to 3.6, the track ``kubernetes`` has no risk (core/base ``Channel.Normalize``).
    """
    system, _, channel = base.partition("@")
    track, slash, _ = channel.partition("/")
    if slash or (track == KUBERNETES and juju < Juju.V4_0):
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
