"""What each release of Kubeflow consists of: tables of names from upstream's manifests."""

import json
import os
from typing import Any, Collection, Dict, Iterable, List, Mapping, NamedTuple, Optional, Set, Tuple

from labkube.charm.releases import ReleaseError

_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDER, _COMPONENTS = os.path.join(_HERE, "inventories"), os.path.join(_HERE, "components")
# Kind, namespace (empty where there is none) and name.
Row = Tuple[str, str, str]
_CLAIM, _NAMESPACE = "PersistentVolumeClaim", "Namespace"

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


def brought(release: str, names: Iterable[str]) -> Optional[Set[Row]]:
    """Return what these components bring and no other does; None where that is not known.

    The tables are written by tests/charms/kubeflow_installer/record_components.py. There is none
    of the releases by kfctl up to 1.0.

    Args:
        release: Its name.
        names: Components, as the option excluded-components has them.
    """
    table = _components(release)
    if table is None:
        return None
    asked = set(names)
    left_out = {one for one in table if asked & set(one.split("/"))}
    stay = {row for one, rows in table.items() if one not in left_out for row in rows}
    return {row for one in left_out for row in table[one]} - stay


def components(release: str, lacking: Collection[Row]) -> List[str]:
    """Name the components of which nothing is there, as excluded-components has them.

    Args:
        release: Its name.
        lacking: The rows of it that are not there.
    """
    table = _components(release) or {}
    gone = [one for one, rows in table.items() if rows and set(rows) <= set(lacking)]
    return sorted(one.rpartition("/")[2] for one in gone)


def row_of(found: Mapping[str, Any]) -> Row:
    """Return what an inventory knows an object by."""
    metadata = found["metadata"]
    return found["kind"], metadata.get("namespace", ""), metadata["name"]


def rows(inventory: Inventory) -> Set[Row]:
    """Return namespaces, workloads and claims of an inventory."""
    found = {(_NAMESPACE, "", name) for name in inventory.namespaces}
    found |= {(_CLAIM, namespace, name) for namespace, name in inventory.claims}
    return found | set(inventory.workloads)


def only(inventory: Inventory, wanted: Collection[Row]) -> Inventory:
    """Return an inventory with these namespaces, workloads and claims alone."""
    return inventory._replace(
        namespaces=tuple(one for one in inventory.namespaces if (_NAMESPACE, "", one) in wanted),
        workloads=tuple(one for one in inventory.workloads if one in wanted),
        claims=tuple(one for one in inventory.claims if (_CLAIM, one[0], one[1]) in wanted),
    )


def lacking(release: str, excluded: Iterable[str], here: Collection[Row]) -> Set[Row]:
    """Return the rows of a release that are not here, but for those that its site left out.

    Empty where it is not known what a component brings: there kfctl makes all that it was asked
    for, or fails.
    """
    left_out = brought(release, excluded)
    return set() if left_out is None else rows(load(release)) - left_out - set(here)


def _components(release: str) -> Optional[Mapping[str, List[Row]]]:
    path = os.path.join(_COMPONENTS, "%s.json" % os.path.basename(release))
    try:
        with open(path, encoding="utf-8") as file:
            table: Dict[str, List[List[str]]] = json.load(file)
    except FileNotFoundError:
        return None
    return {name: [(one[0], one[1], one[2]) for one in found] for name, found in table.items()}


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
