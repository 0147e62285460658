"""What a charm offers: endpoints, options, actions and resources, read from its own files."""

from __future__ import annotations

import os
from typing import Any

from .errors import CommandError
from .generations import base_of
from .store import JsonObject
from .yaml_files import load

_ROLES = {"provides": "provider", "requires": "requirer", "peers": "peer"}
_FILES = ("metadata.yaml", "config.yaml", "actions.yaml", "charmcraft.yaml", "manifest.yaml")


def charm_at(path: str, library: str) -> JsonObject:
    """Return the facts of a local charm.

    Args:
        path: An archive or a directory.
        library: The path of PyYAML.

    Raises:
        CommandError: There is no charm at the path.
    """
    if not os.path.exists(path):
        raise CommandError(f"cannot deploy bundle: charm path does not exist: {path}")
    texts = _directory_texts(path) if os.path.isdir(path) else _archive_texts(path)
    files = {name: load(text, library) or {} for name, text in texts.items()}
    return facts_from_files(
        {**files.get("charmcraft.yaml", {}), **files.get("metadata.yaml", {})}, files
    )


def _directory_texts(path: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name in _FILES:
        file_path = os.path.join(path, name)
        if os.path.exists(file_path):
            with open(file_path) as file:
                texts[name] = file.read()
    return texts


def _archive_texts(path: str) -> dict[str, str]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist()) & set(_FILES)
        return {name: archive.read(name).decode() for name in names}


def facts_from_files(metadata: JsonObject, files: JsonObject) -> JsonObject:
    """Return the facts of a charm from the contents of its files.

    Args:
        metadata: The content of `metadata.yaml`, or of `charmcraft.yaml` for a charm without it.
        files: The contents of `config.yaml`, `actions.yaml` and `manifest.yaml`, by name.
    """
    config = files.get("config.yaml") or metadata.get("config") or {}
    return {
        "name": metadata.get("name", ""),
        "subordinate": bool(metadata.get("subordinate")),
        "endpoints": _endpoints(metadata),
        "options": config.get("options", {}),
        "actions": _actions(files.get("actions.yaml") or metadata.get("actions") or {}),
        "resources": sorted(metadata.get("resources") or {}),
        "architectures": sorted(
            {
                architecture
                for base in (files.get("manifest.yaml") or {}).get("bases", [])
                for architecture in base.get("architectures", [])
            }
        ),
        "bases": _bases(metadata, files.get("manifest.yaml") or {}),
    }


def _endpoints(metadata: JsonObject) -> JsonObject:
    return {
        name: {
            "interface": body.get("interface", "") if isinstance(body, dict) else body,
            "role": role,
            "scope": body.get("scope", "global") if isinstance(body, dict) else "global",
        }
        for section, role in _ROLES.items()
        for name, body in (metadata.get(section) or {}).items()
    }


def _actions(actions: JsonObject) -> JsonObject:
    return {
        name: {
            "description": (body or {}).get("description", ""),
            "params": (body or {}).get("params", {}),
            "additional": bool((body or {}).get("additionalProperties", False)),
        }
        for name, body in actions.items()
    }


def _bases(metadata: JsonObject, manifest: JsonObject) -> list[str]:
    if manifest.get("bases"):
        return [f"{base['name']}@{base['channel']}" for base in manifest["bases"]]
    series: list[Any] = metadata.get("series") or []
    return [base_of(name) for name in series]
