"""The options and the storage of the charm nfs-server for a site."""

from __future__ import annotations

from typing import Any

import yaml

from ..catalogue.nfs import is_open
from ..findings import KeyPath
from ..site.model import Site
from ..site.nfs import MOUNTED, Nfs, NfsShare

Options = dict[str, Any]
NFS_SERVER = "nfs-server"
# The charm's default of the option `provisioner-name`, which also names its objects.
_PROVISIONER = "cluster.local/nfs-client-provisioner"


def nfs_servers(site: Site) -> dict[str, tuple[KeyPath, Nfs]]:
    """Return the sections of the site's NFS servers with their keys, by application."""
    return {
        "-".join((NFS_SERVER, *path[1:])): (path, section)
        for path, section in site.nfs_sections.items()
    }


def further_nfs_options(site: Site, name: str, nfs: Nfs) -> Options:
    """Return the options of a further server, whose class and objects have names of their own."""
    options = nfs_options(site, nfs)
    return {
        **options,
        "storage-class": nfs.storage_class or name,
        "provisioner-name": f"{_PROVISIONER}-{name}",
    }


def nfs_storage(nfs: Nfs) -> dict[str, str]:
    """Return the storage directives; none when the site does not ask Juju for storage."""
    return {"export": nfs.storage} if nfs.storage not in ("", MOUNTED) else {}


def nfs_options(site: Site, nfs: Nfs) -> Options:
    """Return the options that the site decides, without those that have the charm's default."""
    if nfs.external:
        return {"external-export": nfs.external, **_class_options(nfs)}
    lan = [str(site.networks.lan.cidr)] if site.networks.lan else []
    networks = [str(network) for network in nfs.networks] or lan
    shared = [str(network) for share in nfs.shares.values() for network in share.networks]
    options: Options = {"export-root": nfs.path, "networks": ", ".join(networks)}
    if any(is_open(client) for client in (*networks, *shared)):
        options["allow-world"] = True
    if nfs.shares:
        shares = {name: _share(share) for name, share in nfs.shares.items()}
        options["shares"] = yaml.safe_dump(shares, default_flow_style=False, sort_keys=False)
    return {**options, **_class_options(nfs)}


def _class_options(nfs: Nfs) -> Options:
    """Return the options of the StorageClass."""
    options: Options = {}
    if nfs.reclaim_policy != "Delete":
        options["reclaim-policy"] = nfs.reclaim_policy
    if nfs.mount_options:
        options["mount-options"] = nfs.mount_options
    return {**options, "storage-class": nfs.storage_class, "default-class": nfs.default_class}


def _share(share: NfsShare) -> dict[str, Any]:
    fields: dict[str, Any] = {"path": share.path}
    if share.networks:
        fields["clients"] = [str(network) for network in share.networks]
    return {**fields, "options": "ro"} if share.read_only else fields
