"""Components that are left out of a release's manifests: of an archive, and of a YAML.

Each is named by folders in the paths of example/kustomization.yaml, such as "katib" for
../applications/katib/upstream/installs/katib-with-kubeflow.
"""

import os
from typing import Any, Dict, Iterable, List, Set, Tuple

import yaml

from kubeflow_installer.errors import ManifestsError
from kubeflow_installer.releases import inventory

Object = Dict[str, Any]

_EXAMPLE = os.path.join("example", "kustomization.yaml")
# Folders within a component; what stands before them names it.
_LAYERS = ("base", "upstream", "overlay", "overlays", "env", "installs", "default")
# A component of the releases by kfctl, which the option names by default. None of these has it.
_NEVER_THERE = ("spartakus",)


def left_out(excluded: Iterable[str]) -> List[str]:
    """Return what is to be left out, of what the option names."""
    return sorted(set(excluded) - set(_NEVER_THERE))


def components(folder: str) -> Dict[str, List[str]]:
    """Return what can be left out of an unpacked archive: each name, and its paths in the list.

    Raises:
        ManifestsError: When there is no list.
    """
    found: Dict[str, List[str]] = {}
    for path in _paths(_listed(folder)):
        for name in _names(path):
            found.setdefault(name, []).append(path)
    return found


def leave_out(folder: str, names: List[str]) -> None:
    """Take components out of an unpacked archive.

    Raises:
        ManifestsError: When a name stands for none of them.
    """
    known = components(folder)
    unknown = [name for name in names if name not in known]
    if unknown:
        told = "excluded-components names %s, which the manifests do not have; there are %s"
        raise ManifestsError(told % (", ".join(unknown), ", ".join(sorted(known))))
    gone: Set[str] = {path for name in names for path in known[name]}
    listed = _listed(folder)
    for key in ("resources", "components", "bases"):
        if listed.get(key):
            listed[key] = [path for path in listed[key] if path not in gone]
    if gone:
        with open(os.path.join(folder, _EXAMPLE), "w", encoding="utf-8") as file:
            yaml.safe_dump(listed, file, default_flow_style=False, sort_keys=False)


def refuse(found: List[Object], release: str, names: List[str]) -> None:
    """Look whether YAML was built without what is left out.

    Raises:
        ManifestsError: When something of it is there, or it is not known what a name stands for.
    """
    there = {inventory.row_of(one) for one in found}
    wrong = [name for name in names if not _is_absent(release, name, there)]
    if wrong:
        told = "%s cannot be left out of a YAML that was built already; build it without, or"
        raise ManifestsError(told % ", ".join(wrong) + " attach the manifests' archive")


def _listed(folder: str) -> Object:
    try:
        with open(os.path.join(folder, _EXAMPLE), encoding="utf-8") as file:
            found = yaml.safe_load(file)
    except (OSError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict):
        told = "the archive has no %s; give Kubeflow's manifests, unchanged"
        raise ManifestsError(told % _EXAMPLE)
    return found


def _paths(listed: Object) -> List[str]:
    keys = ("resources", "components", "bases")
    return [str(path) for key in keys for path in listed.get(key) or []]


def _names(path: str) -> Tuple[str, ...]:
    """Return a component's names: its folders below common, apps and the like."""
    steps = [step for step in path.split("/") if step not in ("", ".", "..")]
    names: List[str] = []
    for step in steps[1:]:
        if step in _LAYERS:
            break
        names.append(step)
    return tuple(names or steps[-1:])


def _is_absent(release: str, name: str, there: Set[inventory.Row]) -> bool:
    rows = inventory.brought(release, [name])
    return bool(rows) and not there & set(rows or ())
