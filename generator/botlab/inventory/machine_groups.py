"""Groups of proposed machines that differ only by a number."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..site.number_ranges import last_number, range_text
from .proposal import ProposedMachine

# Two machines take more lines as a group than as machines.
_FEWEST_MEMBERS = 3
# A range with more gaps than this, or than one for so many machines, is harder to read than lines.
_MOST_BREAKS = 3
_MACHINES_PER_BREAK = 8


class MachineGroup(NamedTuple):
    """Machines that are one entry of the section ``groups``.

    Attributes:
        name: Their names, with a range.
        tag: Their tags, with a range.
        addresses: Their addresses, each with a range.
        first: The first of them, which has everything else of all of them.
        size: Their number.
    """

    name: str
    tag: str
    addresses: tuple[str, ...]
    first: ProposedMachine
    size: int


def group_machines(
    machines: Sequence[ProposedMachine],
) -> tuple[list[ProposedMachine], list[MachineGroup]]:
    """Return the machines that are in no group, and the groups of the others."""
    alike: dict[tuple[object, ...], list[ProposedMachine]] = {}
    for machine in machines:
        alike.setdefault(_likeness(machine), []).append(machine)
    single: set[str] = set()
    groups: list[MachineGroup] = []
    for members in itertools.chain.from_iterable(map(_parts, alike.values())):
        group = _group(members)
        if group is None:
            single.update(machine.name for machine in members)
        else:
            groups.append(group)
    return [machine for machine in machines if machine.name in single], groups


def _likeness(machine: ProposedMachine) -> tuple[object, ...]:
    """Return all that the machines of a group have in common."""
    around_numbers = [last_number(text)[::2] for text in _texts(machine)]
    settings = (machine.zone, machine.constraints, machine.arch, machine.has_gpu, machine.roles)
    return (*around_numbers, *settings, machine.workers)


def _texts(machine: ProposedMachine) -> tuple[str, ...]:
    """Return the texts of a machine that have ranges in a group."""
    return (machine.name, machine.tag, *machine.addresses)


def _parts(members: Sequence[ProposedMachine]) -> Iterator[list[ProposedMachine]]:
    """Yield the machines that can be a group: all of them, or those with numbers in a row."""
    ordered = sorted(members, key=lambda machine: _numbers(machine)[0])
    breaks = [_breaks(*pair) for pair in itertools.pairwise(ordered)]
    most = max(_MOST_BREAKS, len(ordered) // _MACHINES_PER_BREAK)
    if all(sum(column) <= most for column in zip(*breaks, strict=True)):
        yield ordered
        return
    starts = [0, *(index for index, row in enumerate(breaks, 1) if any(row)), len(ordered)]
    for start, end in itertools.pairwise(starts):
        yield ordered[start:end]


def _breaks(machine: ProposedMachine, following: ProposedMachine) -> list[bool]:
    """Return for each text of two machines whether its number is not the next one."""
    pairs = zip(_numbers(machine), _numbers(following), strict=True)
    return [number + 1 != other for number, other in pairs]


def _numbers(machine: ProposedMachine) -> list[int]:
    return [int(last_number(text)[1] or 0) for text in _texts(machine)]


def _group(ordered: Sequence[ProposedMachine]) -> MachineGroup | None:
    """Return the group of machines; None where they are few, or where no range fits."""
    columns = zip(*map(_texts, ordered), strict=True)
    name, tag, *addresses = (range_text(column) for column in columns)
    if len(ordered) < _FEWEST_MEMBERS or not all((name, tag, *addresses)):
        return None
    return MachineGroup(name, tag, tuple(addresses), ordered[0], len(ordered))
