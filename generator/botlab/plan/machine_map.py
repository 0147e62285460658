"""The value of ``juju deploy --map-machines``.

Source: ``parseMachineMap`` of cmd/juju/application/deploy.go, which is the same from 2.6 to 4.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..bundle.go_text import quote
from ..decimals import parse_int
from ..errors import BotlabError

# strconv.Atoi of a number that is not negative.
_NUMBER = re.compile(r"\+?[0-9]+|-0+", re.ASCII)


@dataclass(frozen=True, slots=True)
class MachineMap:
    """Which machines of the model the bundle's machines stand for.

    Attributes:
        uses_existing: Whether a machine of the bundle stands for the machine with the same id.
        entries: The machines of the model by the ids in the bundle. They win over uses_existing.
    """

    uses_existing: bool = False
    entries: dict[str, str] = field(default_factory=dict[str, str])


def parse_machine_map(text: str) -> MachineMap:
    """Parse a value such as ``existing,0=3``.

    Raises:
        BotlabError: With Juju's own message.
    """
    parts = [part.strip() for part in text.split(",")]
    entries = dict(_entry(part) for part in parts if part not in ("", "existing"))
    return MachineMap("existing" in parts, entries)


def _entry(part: str) -> tuple[str, str]:
    """Return the two machine ids of an entry."""
    ids = part.split("=")
    if len(ids) != 2:
        form = '"existing" or "<bundle-id>=<machine-id>"'
        raise _refusal(f"expected {form}, got {quote(part)}")
    bundle_id, machine_id = (number.strip() for number in ids)
    for noun, number in (("bundle-id", bundle_id), ("machine-id", machine_id)):
        if not _NUMBER.fullmatch(number) or parse_int(number) is None:
            raise _refusal(f"{noun} {quote(number)} is not a top level machine id")
    return bundle_id, machine_id


def _refusal(message: str) -> BotlabError:
    return BotlabError(f"error in --map-machines: {message}")
