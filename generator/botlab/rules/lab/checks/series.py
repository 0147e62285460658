"""Rules about the Ubuntu series and bases of applications."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.bases import series_of
from ....bundle.model import Application
from ....findings import Severity
from ....juju import Juju
from ..facts import Facts, Relation
from ..rule import Violation, rule

_REFUSED_FROM_3 = ("trusty", "xenial", "bionic")


def _series(application: Application, facts: Facts) -> str:
    base = application.base or facts.bundle.default_base
    return series_of(application.series, base) or facts.bundle.series


@rule("BL042", Severity.ERROR)
def refused_series(facts: Facts) -> Iterator[Violation]:
    """Yield the applications on a series that Juju 3 and later refuse."""
    if facts.juju < Juju.V3_6:
        return
    for name, application in facts.applications.items():
        series = _series(application, facts)
        if series in _REFUSED_FROM_3:
            yield Violation(
                ("applications", name, "series"),
                f"{name} runs on {series}, which Juju {facts.juju.value} refuses",
                "use Juju 2.9, or a profile whose charms run on a later series",
            )


@rule("BL043", Severity.ERROR)
def series_and_base(facts: Facts) -> Iterator[Violation]:
    """Yield the applications and machines that name both a series and a base."""
    bodies = [
        *((("applications", name), app) for name, app in facts.applications.items()),
        *((("machines", name), body) for name, body in facts.bundle.machines.items() if body),
    ]
    for path, body in bodies:
        if body.series and body.base:
            yield Violation(
                (*path, "base"),
                f"{path[1]} names both a series and a base",
                "keep one of the two",
            )


@rule("BL044", Severity.ERROR)
def subordinate_series(facts: Facts) -> Iterator[Violation]:
    """Yield the relations of a subordinate to a principal on another series."""
    for relation in facts.relations:
        names = [end.application for end in relation.ends]
        applications = [facts.applications.get(name) for name in names]
        series = [_series(body, facts) for body in applications if body is not None]
        differs = len(series) == 2 and all(series) and series[0] != series[1]
        if differs and _shares_machine(facts, relation):
            yield Violation(
                ("relations", relation.position),
                f"{names[0]} runs on {series[0]} and {names[1]} on {series[1]}, but a subordinate"
                " runs on the machine of its principal",
                "use the same series for both",
            )


def _shares_machine(facts: Facts, relation: Relation) -> bool:
    """Return whether a relation places a subordinate on the machines of a principal."""
    charms = [facts.charms.get(end.application) for end in relation.ends]
    endpoints = [facts.endpoint(end) for end in relation.ends]
    return any(charm and charm.subordinate for charm in charms) and all(
        endpoint and endpoint.scope == "container" for endpoint in endpoints
    )
