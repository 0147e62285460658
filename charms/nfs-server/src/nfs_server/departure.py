"""The removal of a unit: its exports, its records, and the objects on the cluster."""

from typing import Callable, List, Optional

from labcharm.machine import Machine
from labcharm.text import summarize
from labkube.charm.cluster import Cluster
from labkube.client.access import Access
from nfs_server.cluster import cache, removal
from nfs_server.external import trial
from nfs_server.server import client_directories
from nfs_server.server.file_server import STATE_DIRECTORY, FileServer


def remove_unit(
    machine: Machine,
    file_server: FileServer,
    cluster: Cluster,
    remove_objects: Optional[Callable[[Access], List[str]]],
    external: str = "",
) -> str:
    """Remove everything of a unit except the exported files. A second run finds nothing to do.

    Args:
        machine: The unit's machine.
        file_server: The NFS server on the machine.
        cluster: The charm's access to the cluster.
        remove_objects: Removes the application's objects and returns what remains; None while the
            application has other units.
        external: The external export; empty for exports of this machine.

    Returns:
        The last status: where the files stay, and what remains on the cluster. Each part is also
        logged.
    """
    remaining = cluster.remove_objects(remove_objects) if remove_objects else []
    locations = file_server.remove()
    _forget(machine, cluster)
    message = f"no longer exported; the data stays {locations}" if locations else ""
    message = message or (f"the data stays on {external}" if external else "")
    for line in [message, *(f"left on the cluster: {name}" for name in remaining)]:
        if line:
            machine.run(["juju-log", line])
    parts = [message] if message else []
    if remaining:
        parts.append(f"left on the cluster: {summarize(remaining)}")
    return "; ".join(parts)


def _forget(machine: Machine, cluster: Cluster) -> None:
    cluster.remove_kubeconfig()
    cache.forget(machine)
    removal.forget(machine)
    client_directories.forget(machine)
    trial.forget(machine)
    machine.remove_empty_directory(STATE_DIRECTORY)
