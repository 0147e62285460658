"""Read a release's objects from YAML, and check that they are objects."""

import json
import os
from typing import Any, List, Optional

import yaml

from kubeflow_installer.sources import yaml_to_json
from labcharm.documents import DocumentError, parse_json, parse_yaml, read_text
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine

# In Ubuntu's cloud images this Python has PyYAML with libyaml, because cloud-init needs it.
_PYTHON = "/usr/bin/python3"
_ITEMS = (list, type(None))
_SECONDS = 900.0  # the same limit as for building


def read(machine: Machine, path: str, work: str) -> List[JsonObject]:
    """Read YAML with the machine's own Python if that has libyaml, or slowly in this process.

    Raises:
        BlockedError: When it is not YAML, or does not hold objects.
    """
    target = os.path.join(work, "objects.json")
    program = os.path.abspath(yaml_to_json.__file__)
    result = machine.run([_PYTHON, program, path, target], _SECONDS)
    documents = read_json(target) if result.code == 0 else None
    return _objects(_read_yaml(path) if documents is None else documents)


def read_json(path: str) -> Optional[List[Any]]:
    """Return the list in a JSON file; None when the file is missing or not complete."""
    try:
        with open(path, "rb") as file:
            documents = parse_json(file.read())
    except (FileNotFoundError, ValueError):
        return None
    return documents if isinstance(documents, list) else None


def _read_yaml(path: str) -> List[Any]:
    name = os.path.basename(path)
    try:
        return parse_yaml(_load_all, read_text(path, name), name)
    except DocumentError as error:
        raise BlockedError(
            f"{error}, and it is not an archive; provide the manifests' archive, or the YAML that"
            " kustomize builds from it"
        ) from None


def _load_all(text: str) -> List[Any]:
    """Return the documents of a YAML stream, as JSON can hold them.

    JSON is what they are cached in. It has no dates and no bytes, and an object that contains
    itself has no end.
    """
    documents = yaml_to_json.documents(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return list(json.loads(json.dumps(documents)))


def _objects(documents: List[Any]) -> List[JsonObject]:
    objects = _flatten(documents)
    for manifest in objects:
        if not _is_object(manifest):
            raise BlockedError(
                "the manifests contain something that is not a Kubernetes object:"
                f" {json.dumps(manifest)[:80]}"
            )
    if not objects:
        raise BlockedError("the manifests contain no objects; provide what kustomize builds")
    return objects


def _flatten(documents: List[Any]) -> List[Any]:
    """Return a stream's documents, with lists of objects replaced by their items."""
    objects: List[Any] = []
    for document in documents:
        if _is_list(document):
            objects += _flatten(document["items"] or [])
        elif document is not None:
            objects.append(document)
    return objects


def _is_list(document: Any) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("items", ""), _ITEMS):
        return False
    return str(document.get("kind", "")).endswith("List")


def _is_object(manifest: Any) -> bool:
    if not isinstance(manifest, dict) or not isinstance(manifest.get("metadata"), dict):
        return False
    has_type = manifest.get("apiVersion") and manifest.get("kind")
    return bool(has_type and manifest["metadata"].get("name"))
