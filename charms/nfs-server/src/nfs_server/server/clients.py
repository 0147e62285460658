"""Clients of a share: addresses, networks and host names, as exports(5) writes them."""

import ipaddress
import re
from typing import Iterable, List, Optional, Sequence, Tuple, Union

from nfs_server.tables import read_table

EVERYBODY = "*"
_HOST_NAME = re.compile(
    r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
)
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


def read_client(text: str) -> str:
    """Return a client in the form that exportfs prints.

    Wildcards (except `*`) and netgroups are refused: DNS and NIS decide what they stand for, not
    this charm.

    Raises:
        ValueError: When the text is not a client.
    """
    if text == EVERYBODY:
        return text
    network = _as_network(text)
    if network is not None:
        return _network_text(text, network)
    if _HOST_NAME.match(text) and not re.match(r"^[0-9.]+$", text):
        return text.lower()
    raise ValueError(
        f"{text!r} is not a client; write an address, a network such as 10.0.0.0/24, or a host"
        " name"
    )


def _network_text(text: str, network: Network) -> str:
    if "/" in text and _parse(text) is None:
        raise ValueError(
            f"{text} has bits beyond its mask; write {network}, or the address without"
            f" /{network.prefixlen}"
        )
    if network.prefixlen == network.max_prefixlen:
        return str(network.network_address)
    return str(network)


def is_open(client: str) -> bool:
    """Return whether a client stands for everybody, or nearly everybody."""
    if client == EVERYBODY:
        return True
    network = _parse(client)
    shortest = read_table("export_limits.yaml")["shortest_prefixes"]
    return network is not None and bool(network.prefixlen < shortest[network.version])


def narrow(clients: Iterable[str]) -> List[str]:
    """Return the clients sorted, without those that another client's network contains."""
    ordered = sorted(set(clients), key=_sort_key)
    if EVERYBODY in ordered:
        return [EVERYBODY]
    networks = [network for network in _parse_all(ordered) if not _is_address(network)]
    return [client for client in ordered if not _is_covered(_parse(client), networks)]


def is_host_name(client: str) -> bool:
    """Return whether a client is a host name, which has to be resolved."""
    return client != EVERYBODY and _parse(client) is None


def cover(clients: Sequence[str], address: str) -> bool:
    """Return whether an address is one of the clients, or lies in one of their networks."""
    if EVERYBODY in clients or address in clients:
        return True
    network = _parse(address)
    return network is not None and _is_in_any(network, _parse_all(clients))


def _is_address(network: Network) -> bool:
    return bool(network.prefixlen == network.max_prefixlen)


def _is_covered(network: Optional[Network], networks: Iterable[Network]) -> bool:
    return network is not None and _is_in_any(
        network, [candidate for candidate in networks if candidate != network]
    )


def _is_in_any(network: Network, networks: Iterable[Network]) -> bool:
    # IPv4Network.subnet_of is available from Python 3.7 on only.
    return any(
        outer.version == network.version
        and int(outer.network_address) <= int(network.network_address)
        and int(network.broadcast_address) <= int(outer.broadcast_address)
        for outer in networks
    )


def _parse_all(clients: Iterable[str]) -> List[Network]:
    return [network for network in map(_parse, clients) if network is not None]


def _parse(client: str) -> Optional[Network]:
    try:
        return ipaddress.ip_network(client)
    except ValueError:
        return None


def _as_network(text: str) -> Optional[Network]:
    """Return the network of a string, also when the address has bits beyond the mask."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _sort_key(client: str) -> Tuple[int, int, int, str]:
    network = _parse(client)
    if network is None:
        return (9, 0, 0, client)
    return (network.version, int(network.network_address), network.prefixlen, client)
