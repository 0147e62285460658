"""The options and the storage of the charm nfs-server for a site."""

from __future__ import annotations

from typing import Any

import yaml

from ..catalogue.nfs import is_open
from ..site.model import Site
from ..site.nfs import MOUNTED, Nfs, NfsShare

Options = dict[str, Any]


def nfs_storage(nfs: Nfs) -> dict[str, str]:
    """Return the storage directives; none when the site does not ask Juju for storage."""
    return {"export": nfs.storage} if nfs.storage not in ("", MOUNTED) else {}


def nfs_options(site: Site, nfs: Nfs) -> Options:
    """Return the options that the site decides, without those that have the charm's default."""
    lan = [str(site.networks.lan.cidr)] if site.networks.lan else []
    networks = [str(network) for network in nfs.networks] or lan
    shared = [str(network) for share in nfs.shares.values() for network in share.networks]
    options: Options = {"export-root": nfs.path, "networks": ", ".join(networks)}
    if any(is_open(client) for client in (*networks, *shared)):
        options["allow-world"] = True
    if nfs.shares:
        shares = {name: _share(share) for name, share in nfs.shares.items()}
        options["shares"] = yaml.safe_dump(shares, default_flow_style=False, sort_keys=False)
    if nfs.reclaim_policy != "Delete":
        options["reclaim-policy"] = nfs.reclaim_policy
    return {**options, "storage-class": nfs.storage_class, "default-class": nfs.default_class}


def _share(share: NfsShare) -> dict[str, Any]:
    fields: dict[str, Any] = {"path": share.path}
    if share.networks:
        fields["clients"] = [str(network) for network in share.networks]
    return {**fields, "options": "ro"} if share.read_only else fields
