"""A site's shared storage as options and storage of the charm nfs-server."""

from __future__ import annotations

from typing import Any

import yaml

from ..catalogue.nfs import is_open
from ..site.model import Site
from ..site.parts import MOUNTED, Nfs, NfsShare


def storage_directives(nfs: Nfs) -> dict[str, str]:
    """Return the directive for the charm's storage; none where Juju is not asked for one."""
    return {"export": nfs.storage} if nfs.storage not in ("", MOUNTED) else {}


def storage_options(site: Site, nfs: Nfs) -> dict[str, Any]:
    """Return the options: those that the site decides, and nothing that is the charm's default."""
    lan = [str(site.networks.lan.cidr)] if site.networks.lan else []
    networks = [str(one) for one in nfs.networks] or lan
    admitted = [*networks, *(str(one) for share in nfs.shares.values() for one in share.networks)]
    options: dict[str, Any] = {"export-root": nfs.path, "networks": ", ".join(networks)}
    if any(is_open(one) for one in admitted):
        options["allow-world"] = True
    if nfs.shares:
        shares = {name: _share(share) for name, share in nfs.shares.items()}
        options["shares"] = yaml.safe_dump(shares, default_flow_style=False, sort_keys=False)
    if nfs.reclaim_policy != "Delete":
        options["reclaim-policy"] = nfs.reclaim_policy
    return {**options, "storage-class": nfs.storage_class, "default-class": nfs.default_class}


def _share(share: NfsShare) -> dict[str, Any]:
    found: dict[str, Any] = {"path": share.path}
    if share.networks:
        found["clients"] = [str(one) for one in share.networks]
    return {**found, "options": "ro"} if share.read_only else found
