"""The rule about names of series that Juju does not know."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.bases import SERIES_TO_BASE, known_series
from ....bundle.charm_url import is_local_path
from ....findings import KeyPath, Severity, suggest
from ....juju import Juju
from ..facts import Facts
from ..rule import Violation, rule


@rule("BL101", Severity.WARNING)
def unknown_series(facts: Facts) -> Iterator[Violation]:
    """Yield the series that clients up to 2.9 take although no release has them."""
    if facts.juju >= Juju.V3_6:
        return
    known = known_series(facts.juju)
    for path, series in _accepted_series(facts):
        if series and series not in known:
            yield Violation(
                path,
                f"{series} is not a series that Juju {facts.juju.value} knows",
                suggest(series, SERIES_TO_BASE, "write the name of a series, such as focal"),
            )


def _accepted_series(facts: Facts) -> Iterator[tuple[KeyPath, str]]:
    """Yield the series that Juju's client does not check."""
    yield ("series",), facts.bundle.series
    for name, application in facts.applications.items():
        # Juju 2.9 checks the series of an application whose charm comes from a store.
        if facts.juju < Juju.V2_9 or is_local_path(application.charm):
            yield ("applications", name, "series"), application.series
    for name, machine in facts.bundle.machines.items():
        if machine is not None:
            yield ("machines", name, "series"), machine.series
