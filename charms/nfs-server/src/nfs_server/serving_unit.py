"""Which of several units serves: the one whose machine holds the data, whoever leads.

Leadership moves from unit to unit, data do not. So each unit says in its own bag of the peer
relation whether folders of ours are on its machine; who leads decides only who is the first.
"""

import re
from typing import Any, List, NamedTuple, Sequence, Tuple

from labcharm import compat

PEER = "servers"
_HOLDS = "holds-data"
_OTHER = "%s serves; the data of two would differ: remove this unit"
_BOTH = "%s holds data too; see which of them clients mount, and remove the other"
_SOMEONE = "another unit serves, or is about to; the data of two would differ: remove this unit"
_SILENT = "the other units have not said yet whether one of them holds data"
# `waits` tells that what is in the way goes by itself, `spoke` that each other unit has said
# whether it holds data.
Stand = NamedTuple("Stand", [("serves", bool), ("told", str), ("waits", bool)])
Seen = NamedTuple("Seen", [("spoke", bool), ("holders", List[str])])


def seen(charm: Any, event: Any = None) -> Seen:
    """Return whether all other units have spoken, and which of them hold data."""
    relations = compat.relations(charm, PEER, event)
    said = {
        unit.name: relation.data[unit].get(_HOLDS)
        for relation in relations
        for unit in relation.units
    }
    holders = [name for name, word in said.items() if word == "true"]
    return Seen(bool(relations) and None not in said.values(), sorted(holders, key=_number))


def tell(charm: Any, holds: bool, event: Any = None) -> None:
    """Tell the other units whether this one holds data."""
    word = "true" if holds else "false"
    for relation in compat.relations(charm, PEER, event):
        bag = relation.data[charm.unit]
        if bag.get(_HOLDS) != word:
            bag[_HOLDS] = word


def is_several(charm: Any) -> bool:
    """Tell whether the application has more than one unit."""
    return compat.planned_units(charm) > 1


def stand_of(charm: Any, folders: Sequence[str], event: Any = None) -> Stand:
    """Return whether a charm's unit serves, which goes by the data and not by who leads."""
    others = seen(charm, event)
    leads = bool(charm.unit.is_leader())
    return stand(charm.unit.name, folders, others, leads, is_several(charm))


def stand(unit: str, folders: Sequence[str], others: Seen, leads: bool, several: bool) -> Stand:
    """Decide whether a unit serves.

    Args:
        unit: Its name.
        folders: Those that it has taken on its machine.
        others: What the other units said.
        leads: Whether it leads.
        several: Whether the application has more than one unit.

    Returns:
        Whether it serves, and what stands against that.
    """
    if folders:
        first = min([unit, *others.holders], key=_number) == unit
        return Stand(first, "" if first else _BOTH % others.holders[0], False)
    if others.holders:
        return Stand(False, _OTHER % others.holders[0], False)
    if not leads:
        return Stand(False, _SOMEONE if several else "no leader", not several)
    if several and not others.spoke:
        return Stand(False, _SILENT, True)
    return Stand(True, "", False)


def _number(unit: str) -> Tuple[int, str]:
    found = re.search(r"\d+$", unit)
    return (int(found.group()) if found else 0, unit)
