"""Which unit of the application serves: the one whose machine holds the data.

Leadership moves from unit to unit, but the data does not. So each unit publishes in its own bag of
the peer relation whether its machine holds directories of this application. The leader decides
only which unit serves first.
"""

import re
from typing import List, NamedTuple, Optional, Sequence, Tuple

from labcharm import compat
from labcharm.errors import BlockedError, CharmError, WaitingError
from nfs_server.framework import Charm, Event
from nfs_server.options import EXTERNAL_EXPORT

PEER = "servers"
_HOLDS_DATA = "holds-data"
_EVENTS = ("relation_created", "relation_joined", "relation_changed", "relation_departed")


class PeerReport(NamedTuple):
    """What the other units published.

    Attributes:
        is_complete: Whether each of them has published whether it holds data.
        holders: The units that hold data, in the order of their numbers.
    """

    is_complete: bool
    holders: List[str]


def peer_events(charm: Charm) -> List[Event]:
    """Return the events after which a charm's other units may have changed."""
    return [getattr(charm.on[PEER], name) for name in _EVENTS]


def read_peers(charm: Charm, event: Event = None) -> PeerReport:
    """Return what the other units published in the peer relation."""
    relations = compat.relations(charm, PEER, event)
    published = {
        unit.name: relation.data[unit].get(_HOLDS_DATA)
        for relation in relations
        for unit in relation.units
    }
    holders = [name for name, text in published.items() if text == "true"]
    is_complete = bool(relations) and None not in published.values()
    return PeerReport(is_complete, sorted(holders, key=_unit_number))


def publish(charm: Charm, holds_data: bool, event: Event = None) -> None:
    """Publish to the other units whether this one holds data."""
    text = "true" if holds_data else "false"
    for relation in compat.relations(charm, PEER, event):
        compat.publish(relation.data[charm.unit], {_HOLDS_DATA: text})


def has_several_units(charm: Charm) -> bool:
    """Return whether the application has more than one unit."""
    return compat.planned_units(charm) > 1


def standby_reason_of(
    charm: Charm, directories: Sequence[str], event: Event = None
) -> Optional[CharmError]:
    """Return why a charm's unit stands by; None when it serves.

    Args:
        charm: The charm.
        directories: The directories of this application on the unit's machine.
        event: The event, for a relation that is being broken.
    """
    peers, is_leader = read_peers(charm, event), bool(charm.unit.is_leader())
    reason = standby_reason(
        charm.unit.name, directories, peers, is_leader, has_several_units(charm)
    )
    is_second = isinstance(reason, BlockedError) and not directories and not peers.holders
    if is_second and charm.config.get(EXTERNAL_EXPORT):
        return BlockedError("the leader manages the StorageClass of the NAS; remove this unit")
    return reason


def standby_reason(
    unit: str, directories: Sequence[str], peers: PeerReport, is_leader: bool, has_several: bool
) -> Optional[CharmError]:
    """Decide whether a unit serves or stands by.

    Args:
        unit: Its name.
        directories: The directories of this application on its machine.
        peers: What the other units published.
        is_leader: Whether it is the leader.
        has_several: Whether the application has more than one unit.

    Returns:
        Why it stands by; None when it serves.
    """
    if directories:
        if min([unit, *peers.holders], key=_unit_number) == unit:
            return None
        return BlockedError(
            f"{peers.holders[0]} holds data too; find out which unit clients mount, and remove the"
            " other"
        )
    if peers.holders:
        return BlockedError(
            f"{peers.holders[0]} serves, and this unit's data would differ: remove this unit"
        )
    if not is_leader and has_several:
        return BlockedError(
            "another unit serves or is about to, and this unit's data would differ: remove this"
            " unit"
        )
    if not is_leader:
        return WaitingError("the application has no leader yet")
    if has_several and not peers.is_complete:
        return WaitingError(
            "the other units have not published yet whether one of them holds data"
        )
    return None


def _unit_number(unit: str) -> Tuple[int, str]:
    match = re.search(r"\d+$", unit)
    return (int(match.group()) if match else 0, unit)
