"""The hosts that are reached without a proxy, in all forms in which people write them.

There is no standard for `no_proxy`. The rules here are those of Go (x/net/http/httpproxy) and of
curl together, so that a charm and the programs that it starts agree.
"""

import ipaddress
import re
from typing import List, NamedTuple, Optional, Tuple, Union

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Destination(NamedTuple):
    """Where a request goes to: a host name or an address without brackets, and a port."""

    host: str
    port: int


def destination(scheme: str, host: str, port: Optional[int]) -> Destination:
    """Return the destination of a URL's parts, with the port of its scheme by default."""
    return Destination(host.rstrip(".").lower(), port or _DEFAULT_PORTS.get(scheme, 0))


def split_entries(no_proxy: str) -> List[str]:
    """Return the entries of a setting, which are separated by commas, spaces or both."""
    return [entry for entry in re.split(r"[\s,]+", no_proxy) if entry]


def is_exempt(target: Destination, no_proxy: str) -> bool:
    """Return whether a destination is reached without a proxy.

    The local machine always is, as in Go. An entry of the setting is one of these, and all but a
    network may end with a port:

    - `*`: every host;
    - `lab.example`, `.lab.example` or `*.lab.example`: the domain and all hosts in it;
    - `10.0.0.5`, `fd00::5` or `[fd00::5]`: the address;
    - `10.0.0.0/24` or `fd00::/64`: every address of the network.

    Args:
        target: The destination; its name is not resolved.
        no_proxy: The setting.
    """
    address = _address(target.host)
    if target.host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_matches(target, address, entry.lower()) for entry in split_entries(no_proxy))


def _matches(target: Destination, address: Optional[_Address], entry: str) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return address is not None and _is_in_network(address, entry)
    host, port = _split_port(entry)
    if port and port != str(target.port):
        return False
    entry_address = _address(host)
    if entry_address is not None or address is not None:
        return address == entry_address
    domain = re.sub(r"^\*?\.", "", host.rstrip("."))
    return bool(domain) and (target.host == domain or target.host.endswith("." + domain))


def _is_in_network(address: _Address, entry: str) -> bool:
    try:
        network = ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
    return address.version == network.version and address in network


def _split_port(entry: str) -> Tuple[str, str]:
    """Return host and port of an entry; the port is empty where there is none."""
    in_brackets = re.match(r"\[([^]]*)\](?::(\d+))?$", entry)
    if in_brackets:
        return in_brackets.group(1), in_brackets.group(2) or ""
    host, colon, port = entry.rpartition(":")
    if colon and ":" not in host and port.isdigit():
        return host, port
    return entry, ""


def _address(host: str) -> Optional[_Address]:
    """Return a host as an address; None for a name. IPv4 in IPv6 counts as IPv4."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
