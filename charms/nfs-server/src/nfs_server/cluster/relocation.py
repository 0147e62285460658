"""What must not move: claims' folders, and the claims from one unit to another."""

from typing import Callable

from labcharm.machine import Machine
from labcharm.text import some
from nfs_server.cluster.provisioner import Source
from nfs_server.cluster.storage import Storage
from nfs_server.options import Options
from nfs_server.server.local_host import Here, addresses
from nfs_server.server.serving import Serving

_STRANDED = (
    "these claims would lose their folder: %s; keep that folder as export-root, or export it as a"
    " share first"
)


class InTheWayError(Exception):
    """What stands against going on, in words for the status."""


def check_moves(
    machine: Machine,
    serving: Serving,
    cluster: Storage,
    options: Options,
    source: Source,
    several: Callable[[], bool],
) -> None:
    """See that no claim loses its folder, and that no other unit has the claims.

    Args:
        machine: The machine.
        serving: Its server, and what that exports now.
        cluster: The cluster with the claims.
        options: What is asked for.
        source: Where the provisioner is to mount from.
        several: Tells whether the application has more than one unit; asked where that matters.

    Raises:
        InTheWayError: When either is so.
    """
    here = Here([source.server, *addresses(machine)])
    mounted = cluster.served_from(options.kind)
    if mounted and several() and not here.has(mounted):
        told = "the provisioner's data are with another unit (%s): remove this unit"
        raise InTheWayError(told % mounted)
    exported = [options.root.path, *(share.path for share in options.shares)]
    now = serving.exports.ours()
    lost = cluster.stranded(options.kind.provisioner, here.has, now, exported)
    if lost:
        raise InTheWayError(_STRANDED % some(lost))
