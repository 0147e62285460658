"""Which servers of volumes are this machine, by whatever address or name they call it."""

import ipaddress
import re
import socket
from typing import Callable, Dict, FrozenSet, Iterable, List

from labcharm.machine import Machine


def addresses(machine: Machine) -> List[str]:
    """Return the machine's addresses, as iproute2 lists them; none where it does not."""
    found = machine.run(["ip", "-o", "addr", "show"], timeout=30)
    return re.findall(r"\binet6? ([0-9a-fA-F.:]+)", found.out)


def resolve(name: str) -> List[str]:
    """Return a host name's addresses; none where it has none."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None)]
    except (OSError, UnicodeError):
        return []


class Here:
    """Tells this machine from others.

    Args:
        local: Its addresses.
        lookup: Returns the addresses of a host name; each name is asked for once.
    """

    def __init__(self, local: Iterable[str], lookup: Callable[[str], List[str]] = resolve) -> None:
        self._local: FrozenSet[str] = frozenset(filter(None, map(_plain, local)))
        self._lookup = lookup
        self._names: Dict[str, bool] = {}

    def has(self, server: str) -> bool:
        """Tell whether a volume's server, an address or a host name, is this machine.

        Loopback is: nobody but a node on this machine can have mounted from that.
        """
        if server not in self._names:
            found = [server] if _plain(server) else self._lookup(server)
            self._names[server] = any(self._is_local(_plain(one)) for one in found)
        return self._names[server]

    def _is_local(self, address: str) -> bool:
        loops = bool(address) and ipaddress.ip_address(address).is_loopback
        return address in self._local or loops


def _plain(text: str) -> str:
    """Return an address in its usual form, without brackets and zone; "" for what is none."""
    try:
        return str(ipaddress.ip_address(text.strip("[]").partition("%")[0]))
    except ValueError:
        return ""
