"""Limits of the number of things in a bundle or model, checked before work is done for each.

They are far above every lab. Without them, one line such as ``num_units: 1000000000`` would make
botlab work without end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import FileError
from .model import Application, Bundle

MAX_APPLICATIONS = 100_000
MAX_MACHINES = 200_000
MAX_UNITS = 300_000
MAX_RELATIONS = 200_000
# Of one file. Each finding is looked up in each document, and each document changes the bundle.
MAX_DOCUMENTS = 100


def refuse_large_bundle(bundle: Bundle, name: str) -> None:
    """Refuse a bundle that has more applications, machines, units or relations than botlab plans.

    Args:
        bundle: The bundle with its overlays merged.
        name: The name of its file.

    Raises:
        BotlabError: When a number exceeds its limit.
    """
    refuse_counts(
        name,
        applications=len(bundle.applications),
        machines=len(bundle.machines),
        units=sum(_units(bundle.applications.values())),
        relations=len(bundle.relations),
    )


def _units(applications: Iterable[Application | None]) -> Iterable[int]:
    """Yield the number of units of each application. Juju refuses negative numbers."""
    for application in applications:
        if application is not None:
            yield max(application.num_units, len(application.to), 0)


_LIMITS: Mapping[str, int] = {
    "applications": MAX_APPLICATIONS,
    "machines": MAX_MACHINES,
    "units": MAX_UNITS,
    "relations": MAX_RELATIONS,
    "documents": MAX_DOCUMENTS,
}


def refuse_counts(name: str, **counts: int) -> None:
    """Refuse a file with too many things of a kind.

    Args:
        name: The name of the file.
        counts: The number of things of each kind: applications, machines, units, relations or
            documents.

    Raises:
        BotlabError: When a number exceeds its limit.
    """
    for kind, count in counts.items():
        if count > _LIMITS[kind]:
            raise FileError(name, f"has {count:,} {kind}; botlab accepts {_LIMITS[kind]:,}")
