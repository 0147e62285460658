"""The checks before an export root moves: claims keep their directories and their server."""

from typing import Callable

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.text import summarize
from nfs_server.cluster.cluster_storage import ClusterStorage
from nfs_server.cluster.storage_class import ExportSource
from nfs_server.options import Options
from nfs_server.server.file_server import FileServer
from nfs_server.server.local_host import LocalHost, local_addresses


def check_relocation(
    machine: Machine,
    file_server: FileServer,
    cluster: ClusterStorage,
    options: Options,
    source: ExportSource,
    has_several_units: Callable[[], bool],
) -> None:
    """Check that no claim loses its directory, and that no other unit serves the claims.

    Args:
        machine: The machine.
        file_server: Its server, with the directories that it exports now.
        cluster: The cluster with the claims.
        options: The charm's options.
        source: The export that the provisioner will mount.
        has_several_units: Returns whether the application has more than one unit. It is called
            only when the answer matters.

    Raises:
        BlockedError: When a claim would lose its directory, or another unit serves.
    """
    local_host = LocalHost([source.server, *local_addresses(machine)])
    mounted = cluster.mounted_server(options.storage_class)
    if mounted and has_several_units() and not local_host.matches(mounted):
        raise BlockedError(
            f"the provisioner mounts another unit ({mounted}), which holds the data: remove this"
            " unit"
        )
    before = file_server.exports.directories()
    after = [options.export_root.path, *(share.path for share in options.shares)]
    provisioner = options.storage_class.provisioner
    claims = cluster.stranded_claims(provisioner, local_host.matches, before, after)
    if claims:
        raise BlockedError(
            "claims would lose their directory; keep it as export-root, or export it as a share"
            f" first: {summarize(claims)}"
        )
