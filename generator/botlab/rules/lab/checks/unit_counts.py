"""Rules about the number of units of an application."""

from __future__ import annotations

from collections.abc import Iterator

from ....findings import Severity
from ..facts import CONTROL_PLANES, Facts
from ..rule import PLACEMENT_KEYS, Violation, rule


@rule("BL020", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def even_etcd_count(facts: Facts) -> Iterator[Violation]:
    """Yield the etcd applications with an even number of units."""
    for name, application in facts.applications_of("etcd"):
        count = application.num_units
        if count > 0 and count % 2 == 0:
            yield Violation(
                ("applications", name, "num_units"),
                f"{name} has {count} units, which tolerate no more failures than {count - 1}",
                f"use {count - 1} or {count + 1} units",
            )


@rule("BL021", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def single_control_plane(facts: Facts) -> Iterator[Violation]:
    """Yield the control planes of one unit."""
    for name, application in facts.applications_of(*CONTROL_PLANES):
        if application.num_units == 1:
            yield Violation(
                ("applications", name, "num_units"),
                f"{name} has one unit, so the Kubernetes API is down while its machine is down",
                "give a second machine the role control-plane"
                if facts.site
                else "use two units or more",
            )


@rule("BL061", Severity.WARNING)
def idle_units(facts: Facts) -> Iterator[Violation]:
    """Yield the applications with several units whose charm works with one unit only."""
    for name, application in facts.applications_of(
        "easyrsa", "nfs-server", "metallb", "kubeflow-installer"
    ):
        if application.num_units > 1:
            yield Violation(
                ("applications", name, "num_units"),
                f"{name} has {application.num_units} units, but only one of them does any work",
                "use one unit",
            )
