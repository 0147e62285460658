"""The export of another NFS server, such as a NAS."""

import ipaddress
import re
from typing import NamedTuple

from nfs_server.server.clients import is_host_name, read_client
from nfs_server.server.paths import read_plain_path

_EXAMPLE = "nas.lab.example:/tank/k8s"
_LOCAL_NAMES = ("localhost", "localhost.localdomain")
# The resolver takes a name that ends in a number for another way to write an IPv4 address:
# 0x7f.1 is 127.0.0.1 (inet_aton(3)).
_ENDS_IN_NUMBER = re.compile(r"(^|\.)([0-9]+|0x[0-9a-f]*)$")


class ExternalExport(NamedTuple):
    """The export of another NFS server.

    Attributes:
        server: Its address or host name.
        path: The exported directory, in which the provisioner makes directories.
    """

    server: str
    path: str

    def __str__(self) -> str:
        """Return it in the form of mount(8)."""
        host = f"[{self.server}]" if ":" in self.server else self.server
        return f"{host}:{self.path}"


def read_external_export(text: str) -> ExternalExport:
    """Return the export of a string HOST:/PATH; an IPv6 address is in brackets.

    Raises:
        ValueError: When the string is not an export, or names the node that mounts it.
    """
    host, colon, path = text.partition(":/")
    if not colon or not host or (":" in host and not host.startswith("[")):
        raise ValueError(f"{text!r} is not HOST:/PATH; write one such as {_EXAMPLE}")
    server = _read_server(host)
    try:
        return ExternalExport(server, read_plain_path(f"/{path}"))
    except ValueError as error:
        raise ValueError(f"{error}, which the server exports") from None


def _read_server(host: str) -> str:
    server = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    client = _read_single_client(host, server)
    if client in _LOCAL_NAMES or (not is_host_name(client) and _is_local(client)):
        raise ValueError(f"{host} would be each node itself; write the address of the NFS server")
    return client


def _read_single_client(host: str, server: str) -> str:
    """Return an address or a host name; a network is neither."""
    try:
        client = read_client(server)
    except ValueError:
        client = ""
    is_number = is_host_name(client) and _ENDS_IN_NUMBER.search(client)
    if not client or "*" in client or "/" in server or is_number:
        raise ValueError(
            f"{host!r} is neither an address nor a host name; write one such as {_EXAMPLE}"
        )
    return client


def _is_local(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return parsed.is_loopback or parsed.is_unspecified
