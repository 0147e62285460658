"""What related applications are given: a folder of their own, by `mount` and `filesystem_info`.

Source: interface mount (keys in each unit's bag, raw), as charm nfs and kubernetes-worker of 2019
have it; interface filesystem_info (key `endpoint` in the application's bag).
"""

import os
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from labcharm import compat
from nfs_server.server.clients import ClientError, is_open, narrowed, read_client
from nfs_server.shares import Share

MOUNT, FILESYSTEM = "mount", "filesystem"
# kubernetes-worker of 2019 drops a mount without options.
_NO_OPTIONS = "defaults"
# A data bag of the application is there from Juju 2.7 on.
_APPLICATION_DATA = (2, 7)
# A related application, where its units come from, and what of that is not opened to it.
Guest = NamedTuple(
    "Guest",
    [("application", str), ("clients", Tuple[str, ...]), ("refused", Tuple[str, ...])],
)


def guests(charm: Any, world: bool, event: Any = None) -> List[Guest]:
    """Return the related applications, and the addresses that their units come from.

    Args:
        charm: The charm.
        world: Whether their networks may be as wide as everybody, which `--via 0.0.0.0/0` and the
            model's egress-subnets can say.
        event: The event, for a relation that is being broken.
    """
    found: Dict[str, List[str]] = {}
    for endpoint in (MOUNT, FILESYSTEM):
        for relation in compat.relations(charm, endpoint, event):
            if relation.app is None:
                continue
            clients = found.setdefault(relation.app.name, [])
            for unit in relation.units:
                clients += addresses(dict(relation.data[unit]))
    return [guest_of(name, found[name], world) for name in sorted(found)]


def guest_of(application: str, found: List[str], world: bool) -> Guest:
    """Return an application with the addresses that its folder is opened to."""
    refused = [] if world else [one for one in found if is_open(one)]
    clients = [one for one in found if one not in refused]
    return Guest(application, tuple(narrowed(clients)), tuple(narrowed(refused)))


def addresses(bag: Mapping[str, str]) -> List[str]:
    """Return where a unit's requests come from: what its binding says, else its address."""
    words = bag.get("egress-subnets") or ""
    texts = words.replace(",", " ").split()
    texts = texts or [bag.get("ingress-address") or bag.get("private-address") or ""]
    found = []
    for text in texts:
        try:
            found.append(read_client(text))
        except ClientError:
            continue  # the unit has said nothing yet
    return found


def share_of(guest: Guest, path: str) -> Share:
    """Return an application's own share."""
    options = ("rw", "sync", "no_subtree_check", "root_squash")
    return Share("mount-" + guest.application, path, guest.clients, options, ())


def publish(charm: Any, shares: Mapping[str, Share], options: str, event: Any = None) -> None:
    """Tell each related application its folder; nothing is written that stands there already.

    Nothing is told either before Juju has an address for the endpoint.

    Args:
        charm: The charm.
        shares: The share of each application.
        options: What clients shall mount with.
        event: The event, for a relation that is being broken.
    """
    host = address(charm, MOUNT)
    for relation in compat.relations(charm, MOUNT, event):
        share = shares.get(relation.app.name) if relation.app else None
        if share is not None and host is not None:
            bag = {
                "mountpoint": share.path,
                "fstype": "nfs",
                "options": options or _NO_OPTIONS,
                "hostname": host,
                "export_name": relation.app.name,
            }
            _write(relation.data[charm.unit], bag)
    if not _has_application_data() or not charm.unit.is_leader():
        return
    host = address(charm, FILESYSTEM)
    for relation in compat.relations(charm, FILESYSTEM, event):
        share = shares.get(relation.app.name) if relation.app else None
        if share is not None and host is not None:
            _write(relation.data[charm.app], {"endpoint": endpoint_of(host, share.path)})


def endpoint_of(host: str, path: str) -> str:
    """Return a share as filesystem_info names it."""
    return "nfs://(%s:2049)%s" % ("[%s]" % host if ":" in host else host, path)


def address(charm: Any, endpoint: str) -> Optional[str]:
    """Return the address that clients of an endpoint reach this unit at; None without one yet."""
    found = charm.model.get_binding(endpoint).network.ingress_address
    return None if found is None else str(found)


def _write(bag: Any, wanted: Mapping[str, str]) -> None:
    for key, value in wanted.items():
        if bag.get(key) != value:
            bag[key] = value


def _has_application_data() -> bool:
    version = os.environ.get("JUJU_VERSION", "3.0").split(".")
    numbers = tuple(int(part) if part.isdigit() else 0 for part in version[:2])
    return numbers >= _APPLICATION_DATA
