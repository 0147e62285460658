"""What the tests of the charm nfs-server share: its default options and its default class."""

from __future__ import annotations

from typing import Any

import yaml

from helpers.charm_projects import CHARMS, default_options
from nfs_server.cluster.storage_class import ExportSource, StorageClass
from nfs_server.options import Options, read_options

CHARM = CHARMS / "nfs-server"
DEFAULTS = default_options("nfs-server")
# The class and the export of the botlab guide of 2019, which are the charm's defaults.
STORAGE_CLASS = StorageClass(
    "nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", ""
)
SOURCE = ExportSource("10.0.0.10", "/nfsroot", ())


def options_with(**changed: Any) -> Options:
    """Read the default options with some changes; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): option for name, option in changed.items()}
    return read_options({**DEFAULTS, **named}, yaml.safe_load)
