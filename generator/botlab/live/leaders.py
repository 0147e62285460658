"""The leader units that ``APPLICATION/leader`` names."""

from __future__ import annotations

from collections.abc import Callable

from .errors import CommandFailedError
from .status.model import ModelStatus


def resolve_leader(unit: str, status: Callable[[], ModelStatus]) -> str:
    """Return the name of a unit, for ``APPLICATION/leader`` that of the leader.

    Args:
        unit: The unit, or ``APPLICATION/leader``.
        status: Returns the state of the model. It is not called for a unit with a number.

    Raises:
        CommandFailedError: When the application has no leader.
    """
    application, _, number = unit.rpartition("/")
    if number != "leader":
        return unit
    for candidate in status().units.values():
        if candidate.application == application and candidate.is_leader:
            return candidate.name
    raise CommandFailedError(f"unit {unit}", 1, f"{application} has no leader yet")
