"""The addresses and names of this machine."""

import ipaddress
import re
import socket
from typing import Callable, Dict, FrozenSet, Iterable, List

from labcharm.machine import Machine


def local_addresses(machine: Machine) -> List[str]:
    """Return the machine's addresses as iproute2 lists them; none without iproute2."""
    output = machine.run(["ip", "-o", "addr", "show"], timeout=30).out
    return re.findall(r"\binet6? ([0-9a-fA-F.:]+)", output)


def lookup_addresses(name: str) -> List[str]:
    """Return the addresses of a host name; none when it does not resolve."""
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(name, None)]
    except (OSError, UnicodeError):
        return []


def is_address(text: str) -> bool:
    """Return whether a server is named by its address."""
    return bool(_normalize(text))


class LocalHost:
    """This machine, by any of its addresses and names.

    Args:
        addresses: Its addresses.
        lookup: Returns the addresses of a host name. Each name is looked up once.
    """

    def __init__(
        self, addresses: Iterable[str], lookup: Callable[[str], List[str]] = lookup_addresses
    ) -> None:
        self._addresses: FrozenSet[str] = frozenset(filter(None, map(_normalize, addresses)))
        self._lookup = lookup
        self._matches: Dict[str, bool] = {}

    def matches(self, server: str) -> bool:
        """Return whether a volume's server, an address or a host name, is this machine.

        A loopback address matches: only a node on this machine can have mounted from it.
        """
        if server not in self._matches:
            addresses = [server] if _normalize(server) else self._lookup(server)
            self._matches[server] = any(map(self._is_local, map(_normalize, addresses)))
        return self._matches[server]

    def _is_local(self, address: str) -> bool:
        is_loopback = bool(address) and ipaddress.ip_address(address).is_loopback
        return address in self._addresses or is_loopback


def _normalize(text: str) -> str:
    """Return an address in its usual form, without brackets and zone; "" for other strings."""
    try:
        return str(ipaddress.ip_address(text.strip("[]").partition("%")[0]))
    except ValueError:
        return ""
