"""Whether another NFS server answers this unit."""

import re
import socket
from contextlib import closing
from typing import Callable, Sequence, Tuple

from labcharm.errors import WaitingError
from labcharm.verify import Check
from nfs_server.external.export import ExternalExport

_PORT = 2049
_SECONDS = 5.0
_RDMA = ("rdma", "proto=rdma", "proto=rdma6")
Connect = Callable[[Tuple[str, int], float], socket.socket]


def check_reachable(
    export: ExternalExport,
    mount_options: Sequence[str],
    connect: Connect = socket.create_connection,
) -> None:
    """Check that the server of an export accepts a connection.

    The unit needs no right to mount. That nodes can mount is seen in the provisioner's pod.

    Args:
        export: The export.
        mount_options: The options that it is mounted with, which may name another port.
        connect: Opens a TCP connection.

    Raises:
        WaitingError: When the server does not answer.
    """
    port = _port(mount_options)
    try:
        with closing(connect((export.server, port), _SECONDS)):
            return
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise WaitingError(
            f"{export.server} does not answer at port {port}; check external-export and the"
            f" firewall: {reason}"
        ) from None


def _port(mount_options: Sequence[str]) -> int:
    """Return the TCP port of the server.

    The port of NFS over RDMA is no TCP port, and with `port=0` the client asks the server's
    rpcbind for the port, which is that of NFS (nfs(5)).
    """
    if any(option in _RDMA for option in mount_options):
        return _PORT
    matches = [re.match(r"port=(\d{1,5})$", option) for option in mount_options]
    ports = [int(match.group(1)) for match in matches if match]
    return (ports[-1] if ports else 0) or _PORT


def reach_check(
    export: ExternalExport,
    mount_options: Sequence[str],
    connect: Connect = socket.create_connection,
) -> Check:
    """Return the check of the action `verify`."""
    try:
        check_reachable(export, mount_options, connect)
    except WaitingError as error:
        return Check("export", False, str(error))
    port = _port(mount_options)
    return Check("export", True, f"{export.server} answers this unit at port {port}")
