"""A release's objects, read from YAML, and looked at whether they are any."""

import json
import os
from typing import Any, Dict, List

import yaml

from kubeflow_installer.errors import ManifestsError
from kubeflow_installer.sources import yaml_to_json
from labcharm.machine import Machine

Object = Dict[str, Any]

# The one that has PyYAML with libyaml, on Ubuntu's cloud images as cloud-init needs it.
_PYTHON = "/usr/bin/python3"
_SECONDS = 900.0  # as for building


def read(machine: Machine, path: str, work: str) -> List[Object]:
    """Read YAML by the machine's own Python where it has libyaml, else here, which is slow.

    Raises:
        ManifestsError: When it is no YAML, or no objects.
    """
    target = os.path.join(work, "objects.json")
    program = os.path.abspath(yaml_to_json.__file__)
    result = machine.run([_PYTHON, program, path, target], _SECONDS)
    found = as_json(target) if result.code == 0 else None
    return _checked(_read_here(path) if found is None else found)


def as_json(path: str) -> Any:
    """Return what a file of JSON holds; None where there is none that is whole."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return None


def _read_here(path: str) -> List[Any]:
    try:
        with open(path, encoding="utf-8") as file:
            base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            return yaml_to_json.documents(file, base)
    except (yaml.YAMLError, ValueError) as error:
        words = " ".join(str(error).split())[:200]
        told = "%s is neither an archive nor YAML (%s); give the manifests' archive, or what"
        told %= (os.path.basename(path), words)
        raise ManifestsError(told + " kustomize built of it") from None


def _checked(found: List[Any]) -> List[Object]:
    result = _flat(found)
    for one in result:
        if not _is_object(one):
            told = "the manifests hold something that is no object of Kubernetes: %s"
            raise ManifestsError(told % json.dumps(one)[:80])
    if not result:
        raise ManifestsError("the manifests hold no objects; give what kustomize built")
    return result


def _flat(found: List[Any]) -> List[Any]:
    """Return a stream's documents, lists of objects taken apart."""
    result: List[Any] = []
    for one in found:
        if isinstance(one, dict) and str(one.get("kind", "")).endswith("List") and "items" in one:
            result += _flat(one["items"] or [])
        elif one is not None:
            result.append(one)
    return result


def _is_object(found: Any) -> bool:
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        return False
    return bool(found.get("apiVersion") and found.get("kind") and found["metadata"].get("name"))
