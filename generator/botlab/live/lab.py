"""The lab that a site or a bundle describes, to compare with a running model."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..assessment import Assessment
from ..bundle.model import Application, Bundle
from ..catalogue.model import Charm
from ..catalogue.profiles import BUILT_IN, OWN_CHARMS, ProfileLibrary
from ..errors import BotlabError
from ..findings import Finding, has_errors
from ..juju import Juju
from ..rules.juju import MISSING_CHARM
from ..rules.lab.facts import ALL_CONTROL_PLANES, POD_HOSTS, Facts
from ..rules.subject import Subject

if TYPE_CHECKING:
    from ..site.model import Site


@dataclass(frozen=True)
class Lab:
    """The desired state of a lab.

    Machines and units come from the bundle. The site only adds what a bundle cannot express.

    Attributes:
        name: The name of the site, or of the bundle's file without its ending.
        juju: The Juju release that the site is for.
        bundle: The bundle.
        charms: The facts of the charms by application. Applications may be missing.
        profile: The profile of the Kubernetes cluster; empty for a bundle.
        site: The site; None for a bundle.
        profiles: The profiles that the site can choose.
        model_options: The options of the model that the site needs.
    """

    name: str
    juju: Juju
    bundle: Bundle
    charms: Mapping[str, Charm] = field(default_factory=dict[str, Charm])
    profile: str = ""
    site: Site | None = None
    profiles: ProfileLibrary = BUILT_IN
    model_options: Mapping[str, str] = field(default_factory=dict[str, str])

    @functools.cached_property
    def facts(self) -> Facts:
        """An index over the bundle: units by machine, relations, options with defaults."""
        subject = Subject(self.bundle, self.juju, self.charms, self.site, profiles=self.profiles)
        return Facts(subject)

    @property
    def applications(self) -> Mapping[str, Application]:
        """The applications of the bundle by name."""
        return self.facts.applications

    @functools.cached_property
    def own_applications(self) -> tuple[str, ...]:
        """The applications of this project's charms, in the order of ``OWN_CHARMS``."""
        return tuple(name for name, _ in self.facts.applications_of(*OWN_CHARMS))

    @functools.cached_property
    def control_planes(self) -> tuple[str, ...]:
        """The applications whose units run the API server."""
        return tuple(name for name, _ in self.facts.applications_of(*ALL_CONTROL_PLANES))

    @functools.cached_property
    def workers(self) -> tuple[str, ...]:
        """The applications whose units run the pods."""
        return tuple(name for name, _ in self.facts.applications_of(*POD_HOSTS))

    @functools.cached_property
    def gpu_machines(self) -> Mapping[str, str]:
        """The machines with GPUs: their numbers in the bundle by their names in the site."""
        if self.site is None:
            return {}
        from ..render.template_values import bundle_placements

        names = [name for name, machine in self.site.machines.items() if machine.gpu]
        return dict(zip(names, bundle_placements(self.site, names), strict=True))

    def charm_name(self, application: str) -> str:
        """Return the name of an application's charm."""
        return self.facts.charm_name(application)

    def is_subordinate(self, application: str) -> bool:
        """Return whether the charm of an application is a subordinate."""
        return self.facts.is_subordinate(application)

    @property
    def principals(self) -> Mapping[str, tuple[str, ...]]:
        """The principals of each subordinate (see `Facts.principals`)."""
        return self.facts.principals


def lab_of(assessment: Assessment, file_stem: str, validate: str = "botlab validate") -> Lab:
    """Return the lab of an assessed site or bundle.

    A charm whose file is missing does not matter, because the model has its charm.

    Args:
        assessment: The assessment.
        file_stem: The name of the file without its ending, which is the name of a bundle's lab.
        validate: The command that shows all findings.

    Raises:
        BotlabError: When the site or the bundle has errors.
    """
    errors = [finding for finding in assessment.blocking_findings() if not _is_of_files(finding)]
    if assessment.bundle is None or has_errors(errors):
        first = errors[0].message if errors else "no bundle"
        raise BotlabError(
            f"{file_stem}: has errors; the first is: {first}; run `{validate}` to see all"
        )
    site = assessment.site
    return Lab(
        name=site.site if site else file_stem,
        juju=assessment.juju,
        bundle=assessment.bundle,
        charms=assessment.charms,
        profile=site.kubernetes.profile if site else "",
        site=site,
        profiles=assessment.profiles,
        model_options=assessment.model_options,
    )


def _is_of_files(finding: Finding) -> bool:
    return finding.id == MISSING_CHARM
