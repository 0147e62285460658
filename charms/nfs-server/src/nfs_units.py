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
_NOT_MET = "the other units have not said yet whether one of them holds data"
# `waits` tells that what is in the way goes by itself.
Stand = NamedTuple("Stand", [("serves", bool), ("told", str), ("waits", bool)])
Seen = NamedTuple("Seen", [("met", bool), ("holders", List[str])])


def seen(charm: Any, event: Any = None) -> Seen:
    """Return whether the peer relation is there, and which other units hold data."""
    relations = compat.relations(charm, PEER, event)
    holders = {
        unit.name
        for relation in relations
        for unit in relation.units
        if relation.data[unit].get(_HOLDS)
    }
    return Seen(bool(relations), sorted(holders, key=_number))


def tell(charm: Any, event: Any = None) -> None:
    """Tell the other units that this one holds data."""
    for relation in compat.relations(charm, PEER, event):
        bag = relation.data[charm.unit]
        if bag.get(_HOLDS) != "true":
            bag[_HOLDS] = "true"


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
    if several and not others.met:
        return Stand(False, _NOT_MET, True)
    return Stand(True, "", False)


def _number(unit: str) -> Tuple[int, str]:
    found = re.search(r"\d+$", unit)
    return (int(found.group()) if found else 0, unit)
