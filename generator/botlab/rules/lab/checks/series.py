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
    """Yield the bases that differ from the series beside them."""
    bundle = facts.bundle
    pairs = [
        *((("applications", name), app) for name, app in facts.applications.items()),
        *((("machines", name), body) for name, body in bundle.machines.items() if body),
    ]
    choices = [((*path, "base"), body.series, body.base) for path, body in pairs]
    for path, series, base in [
        (("default-base",), bundle.series, bundle.default_base),
        *choices,
    ]:
        if series and base and series_of("", base) != series:
            yield Violation(
                path,
                f"the base {base} is not the series {series} beside it, and Juju releases differ"
                " in which of them they use",
                "keep one of the two, or let both name the same release of Ubuntu",
            )


@rule("BL044", Severity.ERROR)
def subordinate_series(facts: Facts) -> Iterator[Violation]:
    """Yield the container-scoped relations of two applications that cannot share a machine."""
    for relation in facts.relations:
        if facts.is_container_scoped(relation) and _has_subordinate(facts, relation):
            names = [end.application for end in relation.ends]
            left, right = (_possible_series(facts, name) for name in names)
            if left and right and not left & right:
                yield Violation(
                    ("relations", relation.position),
                    f"{names[0]} runs on {_text(left)} and {names[1]} on {_text(right)}, but a"
                    " subordinate runs on the machine of its principal",
                    "use charms and a series that fit both",
                )


def _has_subordinate(facts: Facts, relation: Relation) -> bool:
    charms = [facts.charms.get(end.application) for end in relation.ends]
    return any(charm and charm.subordinate for charm in charms)


def _possible_series(facts: Facts, name: str) -> set[str]:
    """Return the series of an application that Juju compares; empty when they are not known.

    Up to 3.6, these are the series that the charm supports (juju/juju state/state.go AddRelation).
    Juju 4.0 compares the applications (domain/relation/state checkCompatibleBases).
    """
    charm, application = facts.charms.get(name), facts.applications.get(name)
    if facts.juju >= Juju.V4_0:
        series = _series(application, facts) if application else ""
        return {series} if series else set()
    if charm is None:
        return set()
    return {*charm.series, *filter(None, (series_of("", base) for base in charm.bases))}


def _text(series: set[str]) -> str:
    return " or ".join(sorted(series))
