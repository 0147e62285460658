"""The record that an administrator removed the objects by action, until sync-objects.

It is a file of the machine, because Juju and ops store state only when a hook or action ends well,
while requests to the cluster take effect at once. The action remove-objects writes the record
before it deletes the first object, and sync-objects removes the record before it applies the
first one. So an action that is killed is never undone by the next hook: the hook finds out on the
cluster what remains to be done.
"""

from typing import Sequence

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.text import summarize
from nfs_server.records import write_record

PATH = "/var/lib/nfs-server-charm/removed.json"
# What remove-objects leaves on a cluster that the unit cannot reach any more.
UNREACHABLE_OBJECTS = (
    "objects of this application on the cluster, which is no longer related; the exports no longer"
    " admit the cluster's nodes"
)


def is_recorded(machine: Machine) -> bool:
    """Return whether the objects were, or are being, removed by action."""
    return machine.exists(PATH)


def record(machine: Machine) -> None:
    """Record that the objects are removed from now on."""
    write_record(machine, PATH, {"removed": True})


def forget(machine: Machine) -> None:
    """Remove the record."""
    machine.remove(PATH)


def removed_error(remaining: Sequence[str], summary: str) -> BlockedError:
    """Return the status of a unit whose objects were removed by action.

    Args:
        remaining: The names of the objects that are on the cluster still.
        summary: The summary of the exports.
    """
    if remaining:
        count = f"{summarize(remaining, 1)} remain{'s' if len(remaining) == 1 else ''}"
        return BlockedError(f"run remove-objects again or sync-objects: {count}; {summary}")
    return BlockedError(f"objects removed by action; run sync-objects to apply them; {summary}")
