"""The relations with applications that mount: what they publish, and what they get.

Sources: interface mount (raw keys in each unit's bag), as charm nfs and kubernetes-worker of 2019
use it; interface filesystem_info (key `endpoint` in the application's bag).
"""

import os
from typing import Dict, List, Mapping, Optional

from labcharm import compat
from nfs_server.framework import Charm, Event
from nfs_server.related_clients import RelatedClient, addresses_of, related_client
from nfs_server.server.shares import Share

MOUNT, FILESYSTEM = "mount", "filesystem"
# kubernetes-worker of 2019 ignores a mount without options.
_NO_OPTIONS = "defaults"
_EVENTS = ("relation_joined", "relation_changed", "relation_departed", "relation_broken")
# The first Juju whose applications have a data bag.
_APPLICATION_DATA = (2, 7)


def client_events(charm: Charm) -> List[Event]:
    """Return the events after which a charm's related applications may have changed."""
    endpoints = (MOUNT, FILESYSTEM)
    return [getattr(charm.on[endpoint], name) for endpoint in endpoints for name in _EVENTS]


def read_related_clients(
    charm: Charm, allow_world: bool, event: Event = None
) -> List[RelatedClient]:
    """Return the related applications with the addresses that their units mount from.

    Args:
        charm: The charm.
        allow_world: Whether networks that admit everybody, or nearly everybody, are accepted.
        event: The event, for a relation that is being broken.
    """
    addresses: Dict[str, List[str]] = {}
    for endpoint in (MOUNT, FILESYSTEM):
        for relation in compat.relations(charm, endpoint, event):
            if not relation.app:  # older ops does not know the application of a dying relation
                continue
            clients = addresses.setdefault(relation.app.name, [])
            for unit in relation.units:
                clients += addresses_of(dict(relation.data[unit]))
    return [related_client(name, addresses[name], allow_world) for name in sorted(addresses)]


def publish(
    charm: Charm,
    shares: Mapping[str, Share],
    mount_options: str,
    event: Event = None,
    server: str = "",
) -> None:
    """Publish to each related application its share. Only differences are written.

    Nothing is published before Juju has an address for the endpoint.

    Args:
        charm: The charm.
        shares: The share of each application.
        mount_options: The options that clients should mount with.
        event: The event, for a relation that is being broken.
        server: The server of the shares; empty for this unit.
    """
    _publish_mount(charm, shares, mount_options, event, server)
    if _has_application_data() and charm.unit.is_leader():
        _publish_filesystem(charm, shares, event, server)


def _publish_mount(
    charm: Charm, shares: Mapping[str, Share], mount_options: str, event: Event, server: str
) -> None:
    host = server or address_of(charm, MOUNT)
    for relation in compat.relations(charm, MOUNT, event):
        share = shares.get(relation.app.name) if relation.app else None
        if share is not None and host is not None:
            published = {
                "mountpoint": share.path,
                "fstype": "nfs",
                "options": mount_options or _NO_OPTIONS,
                "hostname": host,
                "export_name": relation.app.name,
            }
            compat.publish(relation.data[charm.unit], published)


def _publish_filesystem(
    charm: Charm, shares: Mapping[str, Share], event: Event, server: str
) -> None:
    host = server or address_of(charm, FILESYSTEM)
    for relation in compat.relations(charm, FILESYSTEM, event):
        share = shares.get(relation.app.name) if relation.app else None
        if share is not None and host is not None:
            compat.publish(relation.data[charm.app], {"endpoint": endpoint_of(host, share.path)})


def endpoint_of(host: str, path: str) -> str:
    """Return the URL of a share in the form of filesystem_info."""
    bracketed = f"[{host}]" if ":" in host else host
    return f"nfs://({bracketed}:2049){path}"


def address_of(charm: Charm, endpoint: str) -> Optional[str]:
    """Return the address at which clients of an endpoint reach this unit; None without one yet."""
    address = charm.model.get_binding(endpoint).network.ingress_address
    return None if address is None else str(address)


def _has_application_data() -> bool:
    version = os.environ.get("JUJU_VERSION", "3.0").split(".")
    numbers = tuple(int(part) if part.isdigit() else 0 for part in version[:2])
    return numbers >= _APPLICATION_DATA
