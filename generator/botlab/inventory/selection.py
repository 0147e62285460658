"""The machines of MAAS that a new site can use, and why each of the others is left out."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import BotlabError
from ..findings import listed, suggest
from ..site.machines import Architecture
from .machines import MaasMachine
from .states import Use, state_of

# The architectures that this project's charms are packed for; the site file's default first.
ARCHITECTURES = tuple(architecture.value for architecture in Architecture)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the user selects.

    Attributes:
        pools: Only machines of one of these resource pools; empty for all.
        tags: Only machines that have all these tags.
        zones: Only machines of one of these zones; empty for all.
        excluded: Patterns of host names, such as ``infra-*``, and system ids.
    """

    pools: Sequence[str] = ()
    tags: Sequence[str] = ()
    zones: Sequence[str] = ()
    excluded: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """The machines of MAAS.

    Attributes:
        usable: The machines for the site.
        reasons: The names of the other machines, by the reason why they are left out.
    """

    usable: tuple[MaasMachine, ...]
    reasons: dict[str, list[str]]

    def notes(self) -> list[str]:
        """Return one sentence for each reason, with all its machines."""
        return [
            f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} left out: {reason}"
            for reason, names in self.reasons.items()
        ]


def select(machines: Sequence[MaasMachine], filters: Filters) -> Selection:
    """Select the machines for a site.

    Args:
        machines: All machines of MAAS.
        filters: What the user selects.

    Raises:
        BotlabError: When no machine has a pool, tag, zone or name that the filters name. One
            message lists all of them.
    """
    _refuse_unknown(machines, filters)
    usable: list[MaasMachine] = []
    reasons: dict[str, list[str]] = {}
    for machine in machines:
        reason = _reason(machine, filters)
        if reason:
            reasons.setdefault(reason, []).append(machine.name)
        else:
            usable.append(machine)
    return Selection(tuple(usable), reasons)


def _reason(machine: MaasMachine, filters: Filters) -> str:
    """Return why a machine is left out; empty if it is usable."""
    return _nature(machine) or _filtered(machine, filters) or _state_reason(machine)


def _nature(machine: MaasMachine) -> str:
    if machine.kind not in ("", "Machine"):
        return f"{machine.kind} of MAAS, and not a machine"
    if machine.is_controller:
        return "carries the Juju controller"
    if machine.architecture not in ("", *ARCHITECTURES):
        supported = " and ".join(ARCHITECTURES)
        return f"{machine.architecture}, but the charms are for {supported}"
    return ""


def _filtered(machine: MaasMachine, filters: Filters) -> str:
    if any(_is_named(machine, pattern) for pattern in filters.excluded):
        return "excluded with --exclude"
    if filters.pools and machine.pool not in filters.pools:
        return f"in the pool {machine.pool}" if machine.pool else "in no pool"
    if filters.zones and machine.zone not in filters.zones:
        return f"in the zone {machine.zone}" if machine.zone else "in no zone"
    missing = [tag for tag in filters.tags if tag not in machine.tags]
    return f"without the tag {missing[0]}" if missing else ""


def _state_reason(machine: MaasMachine) -> str:
    state = state_of(machine)
    if state.use is Use.FREE:
        return ""
    if state.use is Use.IN_USE and machine.model:
        return f"{machine.status} in MAAS, by the Juju model {machine.model}"
    return f"{machine.status} in MAAS"


def _is_named(machine: MaasMachine, pattern: str) -> bool:
    return machine.system_id == pattern or fnmatch.fnmatchcase(machine.name, pattern)


def _refuse_unknown(machines: Sequence[MaasMachine], filters: Filters) -> None:
    problems = [
        *_unknown("--pool", filters.pools, {machine.pool for machine in machines}),
        *_unknown("--tag", filters.tags, {tag for machine in machines for tag in machine.tags}),
        *_unknown("--zone", filters.zones, {machine.zone for machine in machines}),
        *(
            f"--exclude {pattern}: no machine has this name or system id"
            for pattern in filters.excluded
            if not any(_is_named(machine, pattern) for machine in machines)
        ),
    ]
    if problems:
        raise BotlabError("; ".join(problems))


def _unknown(option: str, names: Iterable[str], existing: set[str]) -> Iterator[str]:
    for name in names:
        if name not in existing:
            known_names = sorted(existing - {""})
            hint = suggest(name, known_names, f"MAAS has {listed(known_names, 10) or 'none'}")
            yield f"{option} {name}: no machine has it; {hint}"
