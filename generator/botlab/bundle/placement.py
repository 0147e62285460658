"""Placements of units (juju/charm ``ParsePlacement``)."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from ..decimals import bounded_int

# names.ContainerTypeSnippet, ApplicationSnippet and NumberSnippet of juju/names.
_CONTAINER = r"[a-z]+"
# Each word has one way to match, so that the time is linear in the length of the text.
APPLICATION = r"[a-z][a-z0-9]*(?:-[0-9]*[a-z][a-z0-9]*)*"
_NUMBER = r"0|[1-9][0-9]*"
_PLACEMENT = re.compile(
    rf"(?:({_CONTAINER}):)?(?:({APPLICATION})(?:/({_NUMBER}))?|({_NUMBER}))", re.ASCII
)
MACHINE_ID = re.compile(_NUMBER, re.ASCII)


class Placement(NamedTuple):
    """The placement of a unit.

    Attributes:
        container: Container type, such as ``lxd``; empty for the machine itself.
        machine: A machine of the bundle, or ``new``; empty when an application is named.
        application: The application on whose machines the unit is placed; empty for none.
        unit: The number of that application's unit; -1 for the next one.
    """

    container: str = ""
    machine: str = ""
    application: str = ""
    unit: int = -1


@functools.lru_cache(maxsize=65536)
def parse_placement(text: str) -> Placement | None:
    """Parse a placement; None when Juju cannot parse it."""
    match = _PLACEMENT.fullmatch(text)
    if match is None:
        return None
    container, application, unit, machine = match.groups()
    if application == "new":
        return None if unit is not None else Placement(container or "", machine="new")
    # Go's Atoi gives the greatest number for one that does not fit, and Juju ignores its error.
    number = -1 if unit is None else bounded_int(unit)
    return Placement(container or "", machine or "", application or "", number)
