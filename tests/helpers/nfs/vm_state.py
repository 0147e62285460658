"""What the tests of nfs-server on virtual machines share."""

from __future__ import annotations

from helpers.host.vms import Vm

EXPORTS_FILE = "/etc/exports.d/nfs-server.exports"
STATE_DIRECTORY = "/var/lib/nfs-server-charm"


def read_state(server: Vm) -> str:
    """Return the files and the service start that a hook with nothing to do leaves alone."""
    files = f"{EXPORTS_FILE} /etc/exports /var/lib/nfs/etab {STATE_DIRECTORY}/* /etc/nfs.conf.d"
    return server.sh(
        f"stat -c '%n %i %Y' {files}; systemctl show nfs-server -p ExecMainExitTimestamp"
    )
