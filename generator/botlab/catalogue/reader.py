"""Read what a charm offers from its own files, or from a catalogue."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from ..errors import BotlabError
from .model import Charm, Endpoint, Option, Role

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ROLES: tuple[Role, ...] = ("provides", "requires", "peers")


def load_yaml(text: str, name: str) -> dict[str, Any]:
    """Read a YAML mapping of our own or of a charm.

    Raises:
        BotlabError: When it is none.
    """
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise BotlabError(f"{name}: cannot be read as YAML: {reason}") from None
    if not isinstance(data, dict):
        raise BotlabError(f"{name}: a mapping is expected here")
    return cast("dict[str, Any]", data)


def read_charm(path: Path) -> Charm:
    """Read a charm's folder or packed archive.

    Raises:
        BotlabError: When it has no metadata, or a file of it cannot be read.
    """
    files = _archive(path) if path.is_file() else _folder(path)
    whole = files.get("charmcraft.yaml", {})
    metadata = files.get("metadata.yaml") or whole
    if not metadata.get("name"):
        raise BotlabError(f"{path}: is no charm; it has no metadata.yaml that names one")
    config = files.get("config.yaml") or whole.get("config") or {}
    return charm_from(metadata, config)


def _folder(path: Path) -> dict[str, dict[str, Any]]:
    names = ("metadata.yaml", "config.yaml", "charmcraft.yaml")
    return {
        name: load_yaml(text, str(path / name))
        for name in names
        if (path / name).is_file() and (text := (path / name).read_text("utf-8")).strip()
    }


def _archive(path: Path) -> dict[str, dict[str, Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {"metadata.yaml", "config.yaml", "charmcraft.yaml"} & set(archive.namelist())
            return {
                name: load_yaml(archive.read(name).decode(), f"{path}:{name}") for name in names
            }
    except (zipfile.BadZipFile, UnicodeDecodeError, OSError) as error:
        raise BotlabError(f"{path}: is no charm archive: {error}") from None


def charm_from(metadata: Mapping[str, Any], config: Mapping[str, Any]) -> Charm:
    """Build the facts from metadata and config as charms write them."""
    endpoints = {
        name: _endpoint(name, role, body)
        for role in _ROLES
        for name, body in _part(metadata, role).items()
    }
    options = {
        name: Option(name, str(body.get("type") or "string"), body.get("default"))
        for name, body in _part(config, "options").items()
    }
    return Charm(
        name=str(metadata["name"]),
        subordinate=bool(metadata.get("subordinate")),
        endpoints=endpoints,
        options=options,
        resources=tuple(sorted(metadata.get("resources") or {})),
        files={
            name: file
            for name in _part(metadata, "resources")
            if (file := str(_part(_part(metadata, "resources"), name).get("filename", "")))
        },
        series=tuple(metadata.get("series") or ()),
        storage=tuple(sorted(metadata.get("storage") or {})),
        extra_bindings=tuple(metadata.get("extra-bindings") or {}),
    )


def _part(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _endpoint(name: str, role: Role, body: Any) -> Endpoint:
    if not isinstance(body, dict):
        return Endpoint(name, role, str(body))
    facts = cast("dict[str, Any]", body)
    scope = "container" if facts.get("scope") == "container" else "global"
    return Endpoint(name, role, str(facts.get("interface", "")), scope)


def charm_from_facts(facts: Mapping[str, Any]) -> Charm:
    """Build a charm from a catalogue's file."""
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
        offline=tuple(facts.get("offline") or ()),
        series=tuple(facts.get("series") or ()),
        bases=tuple(facts.get("bases") or ()),
        storage=tuple(facts.get("storage") or ()),
        extra_bindings=tuple(facts.get("extra-bindings") or ()),
    )


def load_charms(folder: Path) -> dict[str, Charm]:
    """Read each charm of a folder, by the sub-folder's name and by the charm's own.

    Raises:
        BotlabError: When the folder is missing or a charm in it cannot be read.
    """
    if not folder.is_dir():
        raise BotlabError(f"{folder}: is no folder of charms")
    charms: dict[str, Charm] = {}
    for path in sorted(folder.iterdir()):
        if (path / "metadata.yaml").is_file() or (path / "charmcraft.yaml").is_file():
            charm = read_charm(path)
            charms.setdefault(charm.name, charm)
            charms[path.name] = charm
    return charms
