"""The mode in which another machine, such as a NAS, is the NFS server."""

from functools import partial
from typing import List, Optional

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.text import summarize
from labcharm.verify import Check
from nfs_server import relations
from nfs_server.cluster import cache
from nfs_server.cluster.cache import ClusterCache
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.status import ClusterStatus
from nfs_server.cluster.storage_class import ExportSource
from nfs_server.external import trial
from nfs_server.external.export import ExternalExport
from nfs_server.external.reachability import check_reachable
from nfs_server.framework import Charm, Event
from nfs_server.options import Options
from nfs_server.server.file_server import FileServer
from nfs_server.server.shares import Share
from nfs_server.verify.params import VerifyParams


class ExternalServer:
    """The export of another server. The charm changes nothing there.

    Args:
        charm: The charm.
        machine: The unit's machine.
        file_server: The server of the machine, whose exports end in this mode.
    """

    def __init__(self, charm: Charm, machine: Machine, file_server: FileServer) -> None:
        self._charm, self._machine, self._file_server = charm, machine, file_server

    def prepare(self, options: Options, storage_path: Optional[str]) -> None:
        """Check that the other server answers, and end the exports of this machine.

        Raises:
            BlockedError: When this machine's exports hold files, which stay exported.
            WaitingError: When the server does not answer.
        """
        if storage_path is not None:
            raise BlockedError(
                "the storage export is attached; reset external-export, or deploy an application"
                " for the NAS"
            )
        directories = self._file_server.directories
        used = directories.with_files()
        if used:
            raise BlockedError(
                "this unit exports files; reset external-export, or deploy an application for the"
                f" NAS: {summarize(used)}"
            )
        check_reachable(_export(options), options.mount_options)
        if directories.paths():
            self._file_server.remove()

    def source(self, options: Options) -> ExportSource:
        """Return the export that volumes are made in."""
        export = _export(options)
        return ExportSource(export.server, export.path, options.mount_options)

    def export_to_nodes(
        self, cluster: ClusterStorage, options: Options, storage_path: Optional[str], event: Event
    ) -> str:
        """Check that no claim is lost, then record the export and publish it.

        Raises:
            BlockedError: When claims lie on another export.
        """
        cluster.check_claims_are_on(options.storage_class, self.source(options))
        cache.write(self._machine, ClusterCache([], "", str(_export(options))))
        return self.export(options, storage_path, [], event)

    def export(
        self, options: Options, _storage_path: Optional[str], _nodes: List[str], event: Event
    ) -> str:
        """Publish the export to related applications; return its summary.

        They get the export itself: the charm makes no directories on another server.
        """
        export = _export(options)
        clients = relations.read_related_clients(self._charm, options.allow_world, event)
        shares = {
            client.application: Share(f"mount-{client.application}", export.path, ())
            for client in clients
        }
        mount_options = ",".join(options.mount_options)
        relations.publish(self._charm, shares, mount_options, event, export.server)
        return f"export {export}"

    def moving_root(self, _options: Options) -> str:
        """Return that no directory of this machine holds claims."""
        return ""

    def confirm(
        self,
        cluster: ClusterStorage,
        desired: DesiredState,
        options: Options,
        status: ClusterStatus,
    ) -> ClusterStatus:
        """Return the status of the cluster after a claim was seen bound (see `trial.confirm`)."""
        export, source = _export(options), self.source(options)
        run = partial(
            trial.run_trial, self._machine, cluster, desired, source, trial.PARAMS, has_pods=False
        )
        return trial.confirm(self._machine, cluster, export, source, desired, status, run)

    def try_claim(
        self,
        options: Options,
        params: VerifyParams,
        cluster: ClusterStorage,
        desired: DesiredState,
    ) -> List[Check]:
        """Return the checks of a claim, for the action `verify`."""
        return trial.run_trial(self._machine, cluster, desired, self.source(options), params)


def _export(options: Options) -> ExternalExport:
    if options.external is None:
        raise ValueError("this mode needs the option external-export")
    return options.external
