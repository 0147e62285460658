"""Which unit's an action is: the serving one's, before any serves the leader's; how it fails."""

from typing import Any, ContextManager, Sequence

from labkube.charm import actions
from nfs_server import errors, serving_unit


def acts(charm: Any, event: Any, folders: Sequence[str], does: str) -> bool:
    """Tell whether this unit is the one that acts, and let the action fail where it is not.

    Args:
        charm: The charm.
        event: The action's.
        folders: Those that this unit has taken on its machine.
        does: What the unit does, such as "applies".
    """
    if is_elsewhere(charm, event, folders, does):
        return False
    stand = serving_unit.stand_of(charm, folders)
    if not stand.serves and actions.leads(charm, event, does):
        event.fail(stand.told)
    return stand.serves


def is_elsewhere(charm: Any, event: Any, folders: Sequence[str], does: str) -> bool:
    """Tell whether another unit serves, and let the action fail with its name."""
    stand, holders = serving_unit.stand_of(charm, folders), serving_unit.seen(charm).holders
    elsewhere = bool(holders) and not stand.serves
    if elsewhere:
        event.fail("%s serves and %s objects; run it there" % (holders[0], does))
    return elsewhere


def failing(event: Any) -> ContextManager[None]:
    """Let an action fail by this charm's errors in words, and not by a traceback."""
    return actions.failing(event, errors.ANY, errors.told)
