"""What each release of Kubeflow consists of: tables of names from upstream's manifests."""

import json
import os
from typing import Any, Dict, NamedTuple, Tuple

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inventory")

Inventory = NamedTuple(
    "Inventory",
    [
        ("release", str),
        # Those that the release brings; a Profile's is its user's.
        ("namespaces", Tuple[str, ...]),
        # (kind, namespace, name) of what runs for good; a Job ends.
        ("workloads", Tuple[Tuple[str, str, str], ...]),
        # (namespace, name) of the PersistentVolumeClaims, none of which names a class.
        ("claims", Tuple[Tuple[str, str], ...]),
        # Names of the CustomResourceDefinitions.
        ("definitions", Tuple[str, ...]),
        # (namespace, name) of the Services that matter to people; of some releases, all.
        ("services", Tuple[Tuple[str, str], ...]),
        # (kind, name) of the webhook configurations.
        ("webhooks", Tuple[Tuple[str, str], ...]),
        # As upstream names them: those of pods, and those that workloads start.
        ("images", Tuple[str, ...]),
        # (apiVersion, kind, namespace, name) of what the workloads themselves make outside of the
        # release's namespaces, which nothing takes along; the namespace is empty where there is
        # none. From the sources of the programs, at the versions that the release brings.
        ("at_run_time", Tuple[Tuple[str, str, str, str], ...]),
    ],
)


def load(release: str) -> Inventory:
    """Return a release's inventory.

    The tables are written by tests/charms/kubeflow_installer/record_inventory.py, which says
    where each fact was read. Up to 1.0 they follow upstream's sources and not what kfctl makes of
    them; a component that a site leaves out is named all the same.

    Args:
        release: Its name, such as "1.10.2".

    Returns:
        The inventory; an empty one where no table of the release is kept.
    """
    path = os.path.join(_FOLDER, "%s.json" % os.path.basename(release))
    try:
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
    except FileNotFoundError:
        table = {}
    return _inventory(release, table)


def _inventory(release: str, table: Dict[str, Any]) -> Inventory:
    found = [_frozen(table.get(field, [])) for field in Inventory._fields[1:]]
    return Inventory(release, *found)


def _frozen(found: Any) -> Any:
    return tuple(_frozen(one) for one in found) if isinstance(found, list) else found
