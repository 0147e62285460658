"""The removal of a unit: its exports, its records, and the objects on the cluster."""

from functools import partial
from typing import Callable, List, Optional

from labcharm.errors import log_on_error
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

    A step that fails is logged, and the others follow.

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
    message = _stop_exporting(machine, file_server)
    _forget(machine, cluster)
    message = message or (f"the data stays on {external}" if external else "")
    for line in [message, *(f"left on the cluster: {name}" for name in remaining)]:
        if line:
            _log(machine, line)
    parts = [message] if message else []
    if remaining:
        parts.append(f"left on the cluster: {summarize(remaining)}")
    return "; ".join(parts)


def _stop_exporting(machine: Machine, file_server: FileServer) -> str:
    """Remove exports and settings; return where the files stay, empty if nothing was exported."""
    locations = ""
    failures: List[str] = []
    with log_on_error(partial(_log, machine), "the exported directories are not known"):
        locations = file_server.directories.describe_locations()
    for effect, step in file_server.removal_steps():
        with log_on_error(failures.append, effect):
            step()
    if failures:
        return "; ".join(failures + ([f"the data stays {locations}"] if locations else []))
    return f"no longer exported; the data stays {locations}" if locations else ""


def _forget(machine: Machine, cluster: Cluster) -> None:
    with log_on_error(partial(_log, machine), "the credentials remain on the machine"):
        cluster.remove_kubeconfig()
    for records in (cache, removal, client_directories, trial):
        with log_on_error(partial(_log, machine), "a record remains on the machine"):
            records.forget(machine)
    machine.remove_empty_directory(STATE_DIRECTORY)


def _log(machine: Machine, text: str) -> None:
    machine.run(["juju-log", text])
