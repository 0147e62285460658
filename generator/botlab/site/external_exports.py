"""The export of an NFS server that Juju does not manage, as HOST:/PATH.

The charm nfs-server accepts the same exports. The rules use this module without the models.
"""

from __future__ import annotations

import ipaddress
import re

from ..address_spans import AnyAddress
from .directories import PATH_CHARACTERS, normalize_directory
from .names import HOST_NAME
from .text_format import TextFormat

_ADVICE = "write HOST:/PATH, such as nas.lab.example:/tank/k8s; an IPv6 address is in brackets"
EXTERNAL_EXPORT = TextFormat(
    rf"^(({HOST_NAME}|[0-9]+(\.[0-9]+){{3}}|\[[0-9a-fA-F:.]+\]):/{PATH_CHARACTERS}+)?$",
    "an export of an NFS server",
    _ADVICE,
)
_LOCAL_NAMES = ("localhost", "localhost.localdomain")


def split_export(text: str) -> tuple[str, str]:
    """Return the server, without brackets, and the directory of an export."""
    host, _, path = text.partition(":/")
    return host.strip("[]"), f"/{path}"


def server_address(text: str) -> AnyAddress | None:
    """Return the address of the server of an export; None for a host name."""
    try:
        return ipaddress.ip_address(split_export(text)[0])
    except ValueError:
        return None


def normalize_export(text: str) -> str:
    """Return an export without repeated slashes.

    Raises:
        ValueError: When a node cannot mount it.
    """
    problem = export_problem(text)
    if problem:
        raise ValueError(problem)
    if not text:
        return text
    host, _, _ = text.partition(":/")
    return f"{host}:{normalize_directory(split_export(text)[1])}"


def export_problem(text: str) -> str:
    """Return what is wrong with an export, and what to write instead; empty for none."""
    if not EXTERNAL_EXPORT.fits(text):
        return EXTERNAL_EXPORT.refusal
    if not text:
        return ""
    host, path = split_export(text)
    address = server_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    if address is None and re.fullmatch(r"[0-9.:]+", host):
        return f"not an IP address; {_ADVICE}"
    if host in _LOCAL_NAMES or (address and (address.is_loopback or address.is_unspecified)):
        return "each node itself; write the address of the NFS server"
    if {".", ".."} & set(path.split("/")) or not path.strip("/"):
        return f"not the whole path of a directory; {_ADVICE}"
    return ""
