"""Components that a site excludes from a release's manifests: from an archive, or from YAML.

Each is named by directories in the paths of example/kustomization.yaml, such as "katib" for
../applications/katib/upstream/installs/katib-with-kubeflow.
"""

import os
from typing import Dict, Iterable, List, Set, Tuple

import yaml

from kubeflow_installer.releases import components as components_module
from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.inventory import ObjectKey
from labcharm.documents import DocumentError, parse_yaml, read_text
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject

_EXAMPLE = os.path.join("example", "kustomization.yaml")
_PATH_KEYS = ("resources", "components", "bases")
# Directories within a component; the directories before them name it.
_LAYERS = ("base", "upstream", "overlay", "overlays", "env", "installs", "default")
# A component of the releases by kfctl, which the option names by default. No manifests have it.
_ONLY_IN_KFCTL = ("spartakus",)


def effective(excluded: Iterable[str]) -> List[str]:
    """Return the components that the option excludes, of those that manifests can have."""
    return sorted(set(excluded) - set(_ONLY_IN_KFCTL))


def components(directory: str) -> Dict[str, List[str]]:
    """Return what can be excluded from an unpacked archive: each name, and its listed paths.

    Raises:
        BlockedError: When the archive has no list.
    """
    paths: Dict[str, List[str]] = {}
    for path in _paths(_kustomization(directory)):
        for name in _names(path):
            paths.setdefault(name, []).append(path)
    return paths


def exclude(directory: str, names: List[str]) -> None:
    """Remove components from the list of an unpacked archive.

    Raises:
        BlockedError: When it does not have one of the components.
    """
    available = components(directory)
    unknown = [name for name in names if name not in available]
    if unknown:
        raise BlockedError(
            f"excluded-components names {', '.join(unknown)}, which the manifests do not have;"
            f" use names from {', '.join(sorted(available))}"
        )
    removed: Set[str] = {path for name in names for path in available[name]}
    if not removed:
        return
    kustomization = _kustomization(directory)
    for key in _PATH_KEYS:
        if kustomization.get(key):
            kustomization[key] = [path for path in kustomization[key] if path not in removed]
    with open(os.path.join(directory, _EXAMPLE), "w", encoding="utf-8") as file:
        yaml.safe_dump(kustomization, file, default_flow_style=False, sort_keys=False)


def check_built(manifests: List[JsonObject], release: str, names: List[str]) -> None:
    """Check that YAML was built without the excluded components.

    Raises:
        BlockedError: When it has objects of a component, or when the charm does not know a
            component's objects.
    """
    present = {inventory.object_key(manifest) for manifest in manifests}
    included = [name for name in names if not _is_absent(release, name, present)]
    if included:
        raise BlockedError(
            f"{', '.join(included)} cannot be excluded from YAML that is already built;"
            " build it without, or attach the manifests' archive"
        )


def _kustomization(directory: str) -> JsonObject:
    try:
        text = read_text(os.path.join(directory, _EXAMPLE), _EXAMPLE)
        kustomization = parse_yaml(yaml.safe_load, text, _EXAMPLE)
    except DocumentError:
        kustomization = None
    if not isinstance(kustomization, dict) or not _has_lists(kustomization):
        raise BlockedError(
            f"the archive has no {_EXAMPLE} that can be read; provide Kubeflow's manifests,"
            " unchanged"
        )
    return kustomization


def _has_lists(kustomization: JsonObject) -> bool:
    return all(isinstance(kustomization.get(key) or [], list) for key in _PATH_KEYS)


def _paths(kustomization: JsonObject) -> List[str]:
    return [str(path) for key in _PATH_KEYS for path in kustomization.get(key) or []]


def _names(path: str) -> Tuple[str, ...]:
    """Return a component's names: its directories below common, apps and the like."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    names: List[str] = []
    for part in parts[1:]:
        if part in _LAYERS:
            break
        names.append(part)
    return tuple(names or parts[-1:])


def _is_absent(release: str, name: str, present: Set[ObjectKey]) -> bool:
    keys = components_module.exclusive_objects(release, [name])
    return bool(keys) and not present & set(keys or ())
