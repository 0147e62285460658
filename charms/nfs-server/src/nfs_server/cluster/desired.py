"""The desired state of a cluster by the charm's options."""

from labcharm.machine import Machine
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.policies import ProtectedExport, protected_export
from nfs_server.cluster.storage_class import ExportSource
from nfs_server.options import Options
from nfs_server.server.local_host import is_address, local_addresses, lookup_addresses


def desired_state_of(
    cluster: ClusterStorage, options: Options, source: ExportSource, machine: Machine
) -> DesiredState:
    """Return the desired state of a cluster.

    Args:
        cluster: The cluster.
        options: The charm's options.
        source: The export that volumes are made in.
        machine: The unit's machine.

    Raises:
        ReleaseError: When no release of the provisioner fits.
        ApiError: When the API does not answer.
    """
    return cluster.desired_state(
        options.storage_class,
        source,
        options.provisioner_version,
        options.image_registry,
        _protected_export(options, source, machine) if options.admission_policy else None,
    )


def _protected_export(options: Options, source: ExportSource, machine: Machine) -> ProtectedExport:
    if options.external:
        addresses = [source.server, *lookup_addresses(source.server)]
        return protected_export(filter(is_address, addresses), source.path, [])
    addresses = [source.server, *local_addresses(machine)]
    shares = [share.path for share in options.shares]
    return protected_export(addresses, source.path, shares)
