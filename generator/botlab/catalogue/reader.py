"""Read the facts about a charm from its own files or from a profile's catalogue."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from ..errors import BotlabError
from .model import Charm, Endpoint, Option, Role

YamlMapping = dict[str, Any]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ROLES: tuple[Role, ...] = ("provides", "requires", "peers")
_CHARM_FILES = ("metadata.yaml", "config.yaml", "charmcraft.yaml")


def load_yaml(text: str, name: str) -> YamlMapping:
    """Return the mapping of a YAML text from this project or from a charm.

    Raises:
        BotlabError: When the text is not a YAML mapping.
    """
    try:
        mapping = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise BotlabError(f"{name}: cannot be read as YAML: {reason}") from None
    if not isinstance(mapping, dict):
        raise BotlabError(f"{name}: the file must hold a mapping")
    return cast("YamlMapping", mapping)


def read_charm(path: Path) -> Charm:
    """Return the facts about a charm from its directory or packed archive.

    Raises:
        BotlabError: When the charm has no metadata, or one of its files cannot be read.
    """
    files = _archive_files(path) if path.is_file() else _directory_files(path)
    charmcraft = files.get("charmcraft.yaml", {})
    metadata = files.get("metadata.yaml") or charmcraft
    if not metadata.get("name"):
        raise BotlabError(f"{path}: is not a charm, because it has no metadata.yaml with a name")
    config = files.get("config.yaml") or charmcraft.get("config") or {}
    return charm_from_metadata(metadata, config)


def _directory_files(path: Path) -> dict[str, YamlMapping]:
    return {
        name: load_yaml(text, str(path / name))
        for name in _CHARM_FILES
        if (path / name).is_file() and (text := (path / name).read_text("utf-8")).strip()
    }


def _archive_files(path: Path) -> dict[str, YamlMapping]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {*_CHARM_FILES} & set(archive.namelist())
            return {
                name: load_yaml(archive.read(name).decode(), f"{path}:{name}") for name in names
            }
    except (zipfile.BadZipFile, UnicodeDecodeError, OSError) as error:
        raise BotlabError(f"{path}: is not a charm archive: {error}") from None


def charm_from_metadata(metadata: YamlMapping, config: YamlMapping) -> Charm:
    """Return the facts about a charm from the content of its metadata and config files."""
    resources = _mapping_at(metadata, "resources")
    file_names = {name: _mapping_at(resources, name).get("filename") for name in resources}
    return Charm(
        name=str(metadata["name"]),
        subordinate=bool(metadata.get("subordinate")),
        endpoints=_endpoints(metadata),
        options={
            name: Option(name, str(body.get("type") or "string"), body.get("default"))
            for name, body in _mapping_at(config, "options").items()
        },
        resources=tuple(sorted(metadata.get("resources") or {})),
        resource_files={name: str(file) for name, file in file_names.items() if file},
        series=tuple(metadata.get("series") or ()),
        storage=tuple(sorted(metadata.get("storage") or {})),
        extra_bindings=tuple(metadata.get("extra-bindings") or {}),
    )


def _mapping_at(mapping: Mapping[str, Any], key: str) -> YamlMapping:
    """Return the mapping at a key; empty when the key holds something else."""
    child = mapping.get(key)
    return cast("YamlMapping", child) if isinstance(child, dict) else {}


def _endpoints(metadata: YamlMapping) -> dict[str, Endpoint]:
    return {
        name: _endpoint(name, role, body)
        for role in _ROLES
        for name, body in _mapping_at(metadata, role).items()
    }


def _endpoint(name: str, role: Role, body: Any) -> Endpoint:
    if not isinstance(body, dict):
        return Endpoint(name, role, str(body))
    endpoint = cast("YamlMapping", body)
    scope = "container" if endpoint.get("scope") == "container" else "global"
    return Endpoint(name, role, str(endpoint.get("interface", "")), scope)


def charm_from_catalogue(facts: YamlMapping) -> Charm:
    """Return the facts about a charm from the content of a profile's catalogue file."""
    return Charm(
        name=facts["name"],
        subordinate=bool(facts.get("subordinate")),
        endpoints={
            name: Endpoint(name, body["role"], body["interface"], body.get("scope", "global"))
            for name, body in facts["endpoints"].items()
        },
        options={
            name: Option(name, body["type"], body.get("default"))
            for name, body in facts["options"].items()
        },
        resources=tuple(facts.get("resources") or ()),
        offline_resources=tuple(facts.get("offline") or ()),
        series=tuple(facts.get("series") or ()),
        bases=tuple(facts.get("bases") or ()),
        storage=tuple(facts.get("storage") or ()),
        extra_bindings=tuple(facts.get("extra-bindings") or ()),
    )


def load_charms(directory: Path) -> dict[str, Charm]:
    """Read each charm of a directory, by its own name and by the name of its subdirectory.

    Raises:
        BotlabError: When the directory is missing, or one of its charms cannot be read.
    """
    if not directory.is_dir():
        raise BotlabError(f"{directory}: is not a directory of charms")
    charms: dict[str, Charm] = {}
    for path in sorted(directory.iterdir()):
        if (path / "metadata.yaml").is_file() or (path / "charmcraft.yaml").is_file():
            charm = read_charm(path)
            charms.setdefault(charm.name, charm)
            charms[path.name] = charm
    return charms
