"""Who may mount a share: addresses, networks and host names, as exports(5) writes them."""

import ipaddress
import re
from typing import Any, Iterable, List, Optional, Tuple

EVERYBODY = "*"
_NAME = re.compile(
    r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
)
# A network of fewer bits than these is as open as `*`.
_WIDEST = {4: 8, 6: 16}


class ClientError(ValueError):
    """A client that cannot be: what is wrong and what to write."""


def read_client(text: str) -> str:
    """Return a client as exports(5) has it: addresses and networks in their usual form.

    Raises:
        ClientError: When it is none. Wildcards and netgroups are none, except `*`: what they
            stand for is decided by DNS and NIS, not by this charm.
    """
    if text == EVERYBODY:
        return text
    try:
        if "/" in text:
            return _network(text)
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        if isinstance(error, ClientError):
            raise
        if "/" not in text and _NAME.match(text) and not re.match(r"^[0-9.]+$", text):
            return text.lower()
    told = "%r is no client; write an address, a network such as 10.0.0.0/24, or a host name"
    raise ClientError(told % text)


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        network = ipaddress.ip_network(text, strict=False)  # raises where it is no network at all
        told = "%s has bits beyond its mask; write %s, or the address without /%d"
        raise ClientError(told % (text, network, network.prefixlen)) from None
    if network.prefixlen == network.max_prefixlen:
        return str(network.network_address)
    return str(network)


def is_open(client: str) -> bool:
    """Tell whether a client stands for everybody, or nearly."""
    if client == EVERYBODY:
        return True
    network = _parsed(client)
    return network is not None and bool(network.prefixlen < _WIDEST[network.version])


def narrowed(clients: Iterable[str]) -> List[str]:
    """Return the clients sorted, without those that a network among them covers."""
    found = sorted(set(clients), key=_order)
    if EVERYBODY in found:
        return [EVERYBODY]
    networks = [one for one in map(_parsed, found) if one is not None]
    wide = [one for one in networks if one.prefixlen < one.max_prefixlen]
    return [client for client in found if not _covered(_parsed(client), wide)]


def is_name(client: str) -> bool:
    """Tell whether a client is a host's name, which DNS decides on."""
    return client != EVERYBODY and _parsed(client) is None


def covers(clients: Iterable[str], address: str) -> bool:
    """Tell whether an address is one of the clients or in a network of theirs."""
    one = _parsed(address)
    others = list(clients)
    networks = [found for found in map(_parsed, others) if found is not None]
    return EVERYBODY in others or address in others or (one is not None and _in_any(one, networks))


def _covered(one: Optional[Any], networks: List[Any]) -> bool:
    return one is not None and _in_any(one, [other for other in networks if other != one])


def _in_any(one: Any, networks: List[Any]) -> bool:
    # IPv4Network.subnet_of came with Python 3.7.
    return any(
        other.version == one.version
        and other.network_address <= one.network_address
        and one.broadcast_address <= other.broadcast_address
        for other in networks
    )


def _parsed(client: str) -> Optional[Any]:
    try:
        return ipaddress.ip_network(client)
    except ValueError:
        return None


def _order(client: str) -> Tuple[int, int, int, str]:
    one = _parsed(client)
    if one is None:
        return (9, 0, 0, client)
    return (one.version, int(one.network_address), one.prefixlen, client)
