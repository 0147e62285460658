"""The components of each release, and the objects that each component contains.

The files are written by tests/helpers/recorders/kubeflow_components.py. There is no file for the
releases up to 1.0, which kfctl installs.
"""

import json
import os
from typing import Collection, Dict, Iterable, List, Mapping, Optional, Set

from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.inventory import ObjectKey

_DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "components")


def exclusive_objects(release: str, names: Iterable[str]) -> Optional[Set[ObjectKey]]:
    """Return the objects that only these components contain.

    Args:
        release: The release's name.
        names: Components, as the option excluded-components names them.

    Returns:
        None when the charm does not know the objects of each component.
    """
    table = _load(release)
    if table is None:
        return None
    requested = set(names)
    excluded = {name for name in table if requested & set(name.split("/"))}
    shared = {key for name, keys in table.items() if name not in excluded for key in keys}
    return {key for name in excluded for key in table[name]} - shared


def missing_objects(
    release: str, excluded: Iterable[str], present: Collection[ObjectKey]
) -> Set[ObjectKey]:
    """Return the objects of a release that are not present, except those of excluded components.

    The set is empty when the charm does not know the objects of each component: there kfctl makes
    everything that it was asked for, or fails.
    """
    unwanted = exclusive_objects(release, excluded)
    if unwanted is None:
        return set()
    return inventory.load(release).object_keys() - unwanted - set(present)


def missing_components(release: str, missing: Collection[ObjectKey]) -> List[str]:
    """Return the components of which every object is missing, as excluded-components names them.

    Args:
        release: The release's name.
        missing: The objects of the release that are missing.
    """
    table = _load(release) or {}
    absent = [name for name, keys in table.items() if keys and set(keys) <= set(missing)]
    return sorted(name.rpartition("/")[2] for name in absent)


def _load(release: str) -> Optional[Mapping[str, List[ObjectKey]]]:
    path = os.path.join(_DIRECTORY, f"{os.path.basename(release)}.json")
    try:
        with open(path, encoding="utf-8") as file:
            table: Dict[str, List[List[str]]] = json.load(file)
    except FileNotFoundError:
        return None
    return {
        component: [(kind, namespace, name) for kind, namespace, name in rows]
        for component, rows in table.items()
    }
