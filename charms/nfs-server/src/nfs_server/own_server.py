"""The mode in which this machine is the NFS server."""

import logging
from functools import partial
from typing import List, Optional

from labcharm.machine import Machine
from labcharm.verify import Check
from labkube.client.access import IncompleteAccessError
from nfs_server import relations, serving_unit
from nfs_server.cluster import cache
from nfs_server.cluster.cache import ClusterCache
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.relocation import check_relocation
from nfs_server.cluster.status import ClusterStatus
from nfs_server.cluster.storage_class import ExportSource
from nfs_server.framework import Charm, Event
from nfs_server.options import Options
from nfs_server.server import client_directories
from nfs_server.server.file_server import FileServer
from nfs_server.server.file_systems import exposure
from nfs_server.server.plan import ExportPlan, make_plan, summarize_plan
from nfs_server.verify.claim_trial import ClaimTrial
from nfs_server.verify.params import VerifyParams

BINDING = "nfs"
_logger = logging.getLogger(__name__)


class OwnServer:
    """The exports of this machine, for the cluster's nodes and the related applications.

    Args:
        charm: The charm.
        machine: The machine.
        file_server: Its server.
    """

    def __init__(self, charm: Charm, machine: Machine, file_server: FileServer) -> None:
        self._charm, self._machine, self._file_server = charm, machine, file_server

    def prepare(self, options: Options, storage_path: Optional[str]) -> None:
        """Install, start and configure the service (see `FileServer.prepare`)."""
        self._file_server.prepare(options, storage_path)

    def source(self, options: Options) -> ExportSource:
        """Return the export that volumes are made in.

        Raises:
            IncompleteAccessError: When the unit has no address yet.
        """
        address = relations.address_of(self._charm, BINDING)
        if address is None:
            raise IncompleteAccessError([f"the binding {BINDING} has no address yet"])
        return ExportSource(address, options.export_root.path, options.mount_options)

    def export_to_nodes(
        self, cluster: ClusterStorage, options: Options, storage_path: Optional[str], event: Event
    ) -> str:
        """Export to the nodes first, so that no object names an export that does not exist.

        Returns:
            The summary of the exports.
        """
        nodes, source, cached = cluster.nodes(), self.source(options), cache.read(self._machine)
        if cached.external:
            cluster.check_claims_are_on(options.storage_class, source)
        has_several_units = partial(serving_unit.has_several_units, self._charm)
        check_relocation(
            self._machine, self._file_server, cluster, options, source, has_several_units
        )
        # The nodes are known before the export names them. If the hook is killed in between, the
        # next one exports to them too, even if the cluster does not answer any more.
        cache.write(self._machine, cached._replace(nodes=nodes))
        summary = self.export(options, storage_path, nodes, event)
        cache.write(self._machine, ClusterCache(nodes, source.path))
        return summary

    def export(
        self, options: Options, storage_path: Optional[str], nodes: List[str], event: Event
    ) -> str:
        """Export everything, and publish the shares; return the summary of the exports."""
        clients = relations.read_related_clients(self._charm, options.allow_world, event)
        plan = make_plan(options, nodes, clients, client_directories.read(self._machine))
        self._file_server.export(plan, options, storage_path)
        shares = {client.application: share for client, share in zip(clients, plan.client_shares)}
        client_directories.add(
            self._machine, {application: share.path for application, share in shares.items()}
        )
        relations.publish(self._charm, shares, ",".join(options.mount_options), event)
        if type(event).__name__ == "ConfigChangedEvent":  # also after a reboot and a refresh
            self._warn(plan)
        return summarize_plan(plan)

    def _warn(self, plan: ExportPlan) -> None:
        message = exposure(self._machine, plan.all_shares())
        if message:
            _logger.warning("%s", message)

    def moving_root(self, options: Options) -> str:
        """Return the export root that may hold claims while the options name another one."""
        root = cache.read(self._machine).root  # this hook may have written it
        return root if root != options.export_root.path else ""

    def confirm(
        self,
        _cluster: ClusterStorage,
        _desired: DesiredState,
        _options: Options,
        status: ClusterStatus,
    ) -> ClusterStatus:
        """Return the status of the cluster: the kernel's table of exports shows the rest."""
        return status

    def try_claim(
        self,
        options: Options,
        params: VerifyParams,
        cluster: ClusterStorage,
        desired: DesiredState,
    ) -> List[Check]:
        """Return the checks of a claim, for the action `verify`."""
        trial = ClaimTrial(self._machine, cluster.api, params, cluster.application)
        return trial.run(desired.storage_class.name, options.export_root.path)
