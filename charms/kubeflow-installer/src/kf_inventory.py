"""What each release of Kubeflow consists of: tables of names from upstream's manifests."""

import json
import os
from typing import Any, Dict, NamedTuple, Tuple

from labkube.releases import ReleaseError

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


NOTHING = Inventory("", (), (), (), (), (), (), (), ())


def load(release: str) -> Inventory:
    """Return a release's inventory.

    The tables are written by tests/charms/kubeflow_installer/record_inventory.py, which says
    where each fact was read. Up to 1.0 they follow upstream's sources and not what kfctl makes of
    them; a component that a site leaves out is named all the same.

    Args:
        release: Its name, such as "1.10.2".

    Raises:
        ReleaseError: When no table of the release is kept; an empty one would say that there is
            nothing to look at, to mirror, or to take away.
    """
    try:
        with open(_path(release), encoding="utf-8") as file:
            return _inventory(release, json.load(file))
    except FileNotFoundError:
        told = "this charm keeps no table of what Kubeflow %s consists of"
        raise ReleaseError(told % (release or "without a release")) from None


def is_kept(release: str) -> bool:
    """Tell whether a table of the release is kept."""
    return os.path.exists(_path(release))


def _path(release: str) -> str:
    return os.path.join(_FOLDER, "%s.json" % os.path.basename(release))


def _inventory(release: str, table: Dict[str, Any]) -> Inventory:
    found = [_frozen(table.get(field, [])) for field in Inventory._fields[1:]]
    return Inventory(release, *found)


def _frozen(found: Any) -> Any:
    return tuple(_frozen(one) for one in found) if isinstance(found, list) else found
