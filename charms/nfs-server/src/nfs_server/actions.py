"""The rules of actions: which unit runs them."""

from typing import Sequence

from labkube.charm import actions
from nfs_server import serving_unit
from nfs_server.framework import Charm, Event


def may_act(charm: Charm, event: Event, directories: Sequence[str], verb: str) -> bool:
    """Return whether this unit runs an action that writes; fail the action when it does not.

    Args:
        charm: The charm.
        event: The action's event.
        directories: The directories of this application on the unit's machine.
        verb: What the action does with objects, such as "applies".
    """
    if is_elsewhere(charm, event, directories, verb):
        return False
    reason = serving_unit.standby_reason_of(charm, directories)
    if reason is not None and actions.require_leader(charm, event, verb):
        event.fail(str(reason))
    return reason is None


def is_elsewhere(charm: Charm, event: Event, directories: Sequence[str], verb: str) -> bool:
    """Return whether another unit serves; fail the action with that unit's name when one does."""
    holders = serving_unit.read_peers(charm).holders
    if not holders or serving_unit.standby_reason_of(charm, directories) is None:
        return False
    event.fail(f"{holders[0]} serves and {verb} objects; run the action there")
    return True
