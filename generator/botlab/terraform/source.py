"""The input of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..bundle.includes import Include, Includes
from ..bundle.model import Application, Bundle
from ..catalogue.model import Charm
from ..findings import KeyPath
from ..juju import Juju
from ..rules.lab.facts import is_subordinate


@dataclass(frozen=True)
class PlanSource:
    """A bundle, and what the plan takes from its site.

    Attributes:
        bundle: The bundle.
        juju: The Juju release.
        model: The name of the model.
        directory: The directory of the plan, where relative paths start.
        is_site: Whether the bundle was made from a site.
        charms: The facts of the charms by application. Applications may be missing.
        machine_names: The names of the site's machines by their numbers in the bundle. A label of
            a machine that stays the same when a machine before it is removed keeps Terraform from
            replacing the machine.
        model_config: The options of the model.
        includes: The files that Juju's client would read values from, by the keys of the values.
    """

    bundle: Bundle
    juju: Juju
    model: str
    directory: Path
    is_site: bool = False
    charms: Mapping[str, Charm] = field(default_factory=dict[str, Charm])
    machine_names: Mapping[str, str] = field(default_factory=dict[str, str])
    model_config: Mapping[str, str] = field(default_factory=dict[str, str])
    includes: Includes = field(default_factory=dict[KeyPath, list[Include]])

    @property
    def applications(self) -> dict[str, Application]:
        """The applications that have a body, by name."""
        return {name: app for name, app in self.bundle.applications.items() if app is not None}

    def is_subordinate(self, name: str) -> bool:
        """Return whether an application is a subordinate (see `facts.is_subordinate`)."""
        return is_subordinate(self.charms.get(name), self.applications.get(name))
