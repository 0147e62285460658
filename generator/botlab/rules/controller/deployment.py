"""The bundle that is deployed, the facts about its charms, and the form of Juju's refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...bundle.bases import BASE_TO_SERIES, SERIES_TO_BASE, normalize_base
from ...bundle.charm_url import is_local_path
from ...bundle.go_path import join_path
from ...bundle.go_text import quote
from ...bundle.model import KUBERNETES, Application, Bundle, Machine
from ...catalogue.model import Charm
from ...findings import KeyPath, When
from ...juju import Juju
from ..juju.report import Report


@dataclass(slots=True)
class Deployment:
    """A bundle that a Juju release deploys to an empty model.

    Attributes:
        bundle: The bundle.
        juju: The release.
        charms: The facts about the charms, by application name. An application whose charm is not
            known for certain is missing.
        local_files: The applications whose facts come from the file that will be uploaded.
        applications: The applications that have a body.
        report: The refusals so far.
    """

    bundle: Bundle
    juju: Juju
    charms: Mapping[str, Charm] = field(default_factory=dict[str, Charm])
    local_files: frozenset[str] = frozenset()
    applications: dict[str, Application] = field(init=False)
    report: Report = field(init=False)

    def __post_init__(self) -> None:
        """Start with no refusals."""
        bodies = self.bundle.applications
        self.applications = {name: app for name, app in bodies.items() if app is not None}
        self.report = Report(self.bundle, self.juju)

    @property
    def is_kubernetes(self) -> bool:
        """Whether the bundle is for a Kubernetes model."""
        return self.bundle.type == KUBERNETES

    def known_applications(self) -> list[tuple[str, Application, Charm]]:
        """Return the applications whose charms are known, with their names and charms."""
        return [
            (name, application, self.charms[name])
            for name, application in self.applications.items()
            if name in self.charms
        ]

    def refuse(self, rule_id: str, path: KeyPath, message: str, when: When = "deploy") -> None:
        """Add a refusal."""
        self.report.add(rule_id, path, message, when=when)

    def refuse_application(self, rule_id: str, path: KeyPath, reason: str) -> None:
        """Add a refusal of the change that deploys an application.

        Args:
            rule_id: The id of the rule.
            path: The key that the refusal is about. Its second part is the application.
            reason: The controller's reason.
        """
        name = quote(str(path[1]))
        if self.juju >= Juju.V4_0:
            reason = f"cannot deploy {name}: {reason}"
        self.refuse(rule_id, path, f"cannot deploy application {name}: {reason}")

    def invalid_argument(self, reason: str) -> str:
        """Return 4.0's reason for refusing an argument of the call that deploys an application."""
        kind = "CAAS application" if self.is_kubernetes else "application"
        return f"preparing {kind} args: validating create application args: {reason}"

    def failed_insertion(self, name: str, reason: str) -> str:
        """Return 4.0's reason for not storing an application."""
        kind = "CAAS" if self.is_kubernetes else "IAAS"
        application = f"application {quote(name)}"
        steps = f"creating {kind} {application}: inserting {kind} {application}"
        return f"creating {application}: {steps}: {reason}"

    def file_path(self, path: str) -> str:
        """Return the absolute path of a file that the bundle names."""
        return join_path(self.bundle.directory, path)

    def platform(self, body: Application | Machine) -> str:
        """Return the platform that the bundle gives to an application or machine.

        Returns:
            A series up to 2.9, and a base from 3.6 on. An empty text when the bundle names none,
            or when the base of a series is not known.
        """
        bundle = self.bundle
        if self.juju < Juju.V3_6:
            return body.series or bundle.series
        series = "" if self.juju >= Juju.V4_0 else body.series
        default_series = "" if self.juju >= Juju.V4_0 else bundle.series
        if body.base or series:
            base = body.base or SERIES_TO_BASE.get(series, "")
        else:
            base = bundle.default_base or SERIES_TO_BASE.get(default_series, "")
        return normalize_base(base) if base else ""

    def application_platform(self, name: str) -> str:
        """Return the series or base that an application gets; empty when it is not known.

        If the bundle does not name one, the client takes the first one of a local charm.
        """
        application = self.applications[name]
        platform = self.platform(application)
        if platform or application.base or application.series or name not in self.local_files:
            return platform
        return next(iter(self.supported_platforms(name)), "")

    def supported_platforms(self, name: str) -> list[str]:
        """Return the series or bases that an application's charm supports, in the charm's order.

        Source: ``ComputedSeries`` of 2.9 and ``ComputedBases`` of 3.6 and 4.0: those of the
        manifest, or else up to 3.6 those of the metadata. 2.6 does not read the manifest.

        Returns:
            An empty list when the charm names none, or when one of them is not known.
        """
        charm = self.charms[name]
        if self.juju < Juju.V2_9:
            return [*charm.series]
        if self.juju < Juju.V3_6:
            platforms = [BASE_TO_SERIES.get(base, "") for base in charm.bases] or [*charm.series]
            return platforms if all(platforms) else []
        bases = [*charm.bases]
        if not bases and self.juju < Juju.V4_0:
            bases = [SERIES_TO_BASE.get(series, "") for series in charm.series]
        return [normalize_base(base) for base in bases] if all(bases) else []

    def is_local(self, name: str) -> bool:
        """Return whether an application's charm is uploaded from a file."""
        charm = self.applications[name].charm
        return is_local_path(charm) or charm.startswith("local:")
