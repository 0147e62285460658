"""Rules about the number of units of an application."""

from __future__ import annotations

from collections.abc import Iterator

from ....findings import Severity
from ..facts import ALL_CONTROL_PLANES, K8S, Facts
from ..rule import PLACEMENT_KEYS, Violation, rule


@rule("BL020", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def even_etcd_count(facts: Facts) -> Iterator[Violation]:
    """Yield the applications with a database of the cluster and an even number of units."""
    for name, application in facts.applications_of("etcd", K8S):
        if facts.option(name, "bootstrap-datastore") == "etcd":
            continue  # The database of this k8s is another application.
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
    for name, application in facts.applications_of(*ALL_CONTROL_PLANES):
        if application.num_units == 1:
            yield Violation(
                ("applications", name, "num_units"),
                f"{name} has one unit, so the Kubernetes API is down while its machine is down",
                _more_control_planes(facts, name),
            )


def _more_control_planes(facts: Facts, name: str) -> str:
    """Return how to add units. An even number of units with a database is no better (BL020)."""
    is_k8s = facts.charm_name(name) == K8S
    has_database = is_k8s and facts.option(name, "bootstrap-datastore") != "etcd"
    if facts.site is None:
        return f"use {'three' if has_database else 'two'} units or more"
    machines = "two more machines" if has_database else "a second machine"
    return f"give {machines} the role control-plane"


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
