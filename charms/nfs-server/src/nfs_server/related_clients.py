"""The related applications as clients: their addresses, and a share for each."""

from typing import List, Mapping, NamedTuple, Sequence, Tuple

from nfs_server.server.clients import is_open, narrow, read_client
from nfs_server.server.shares import Share


class RelatedClient(NamedTuple):
    """A related application.

    Attributes:
        application: Its name.
        clients: The addresses and networks that its units mount from.
        refused: Those of its networks that are too wide to be admitted.
    """

    application: str
    clients: Tuple[str, ...]
    refused: Tuple[str, ...] = ()


def related_client(application: str, addresses: Sequence[str], allow_world: bool) -> RelatedClient:
    """Return a related application with the addresses that its directory is exported to.

    Args:
        application: Its name.
        addresses: Where its units mount from.
        allow_world: Whether networks that admit everybody, or nearly everybody, are accepted. A
            relation made with `--via 0.0.0.0/0` and the model's egress-subnets can name such
            networks.
    """
    refused = [] if allow_world else [address for address in addresses if is_open(address)]
    admitted = [address for address in addresses if address not in refused]
    return RelatedClient(application, tuple(narrow(admitted)), tuple(narrow(refused)))


def addresses_of(bag: Mapping[str, str]) -> List[str]:
    """Return where a unit mounts from: its binding's egress subnets, else the unit's address."""
    texts = (bag.get("egress-subnets") or "").replace(",", " ").split()
    texts = texts or [bag.get("ingress-address") or bag.get("private-address") or ""]
    addresses = []
    for text in texts:
        try:
            addresses.append(read_client(text))
        except ValueError:
            continue  # the unit has not published anything yet
    return addresses


def share_of(client: RelatedClient, path: str) -> Share:
    """Return the share of a related application."""
    return Share(f"mount-{client.application}", path, client.clients)
