"""Read the facts about a charm from its own files or from a profile's catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from ..decimals import bounded_int
from ..errors import FileError
from .charm_files import CharmFiles, read_charm_files
from .charm_types import check_config, check_manifest, check_metadata
from .kubernetes import Version, parse_version
from .model import Charm, Endpoint, ManifestBase, Option, Role, Storage
from .yaml_files import YamlMapping

_ROLES: tuple[Role, ...] = ("provides", "requires", "peers")
# Numbers of storages in a charm's metadata: m, m-n, m+ and m- (juju/charm storageCountC).
_RANGE = re.compile(r"([0-9]+)(?:([-+])|-([0-9]+))?", re.ASCII)


def read_charm(path: Path) -> Charm:
    """Return the facts about a charm from its directory or packed archive.

    Raises:
        BotlabError: When the charm has no metadata, or one of its files cannot be read or has a
            value of a wrong type.
    """
    files = read_charm_files(path)
    metadata, manifest = _metadata(files), files.mappings.get("manifest.yaml")
    check_manifest(manifest or {}, files.file_name("manifest.yaml"))
    if not metadata.get("name"):
        raise FileError(
            path, "is not a charm, because neither metadata.yaml nor charmcraft.yaml has a name"
        )
    has_lxd_profile = files.has_lxd_profile
    charm = charm_from_files(metadata, _config(files), manifest, has_lxd_profile=has_lxd_profile)
    return replace(charm, actions=_actions(files))


def _actions(files: CharmFiles) -> dict[str, tuple[str, ...]]:
    """Return the parameters of each action, by the action."""
    charmcraft = files.mappings.get("charmcraft.yaml", {})
    bodies = _bodies(files.mappings, "actions.yaml") or _bodies(charmcraft, "actions")
    return {name: tuple(_mapping_at(body, "params")) for name, body in bodies}


def _metadata(files: CharmFiles) -> YamlMapping:
    """Return a charm's metadata, from metadata.yaml or, without one, from charmcraft.yaml."""
    name = "metadata.yaml" if files.mappings.get("metadata.yaml") else "charmcraft.yaml"
    metadata = files.mappings.get(name, {})
    check_metadata(metadata, files.file_name(name))
    return metadata


def _config(files: CharmFiles) -> YamlMapping:
    """Return a charm's config.yaml or, without one, the section of its charmcraft.yaml."""
    config, name = files.mappings.get("config.yaml"), files.file_name("config.yaml")
    if not config:
        name = f"{files.file_name('charmcraft.yaml')}: config"
        config = _mapping_at(files.mappings.get("charmcraft.yaml", {}), "config")
    check_config(config, name)
    return config


def charm_from_files(
    metadata: YamlMapping,
    config: YamlMapping,
    manifest: YamlMapping | None = None,
    *,
    has_lxd_profile: bool | None = None,
) -> Charm:
    """Return the facts about a charm from the content of its files.

    Args:
        metadata: The content of ``metadata.yaml``.
        config: The content of ``config.yaml``.
        manifest: The content of ``manifest.yaml``, which only packed charms have.
        has_lxd_profile: Whether the charm has a profile for LXD containers.
    """
    resources = _mapping_at(metadata, "resources")
    bases = None if manifest is None else _manifest_bases(manifest)
    return Charm(
        name=str(metadata["name"]),
        subordinate=bool(metadata.get("subordinate")),
        endpoints=_endpoints(metadata),
        options=_options(_mapping_at(config, "options")),
        resources=tuple(sorted(resources)),
        resource_files=_texts(resources, "filename"),
        resource_types=dict.fromkeys(resources, "file") | _texts(resources, "type"),
        series=_strings(metadata.get("series")),
        bases=tuple(dict.fromkeys(str(base) for base in bases or ())),
        manifest=bases,
        storage={name: _storage(name, body) for name, body in _bodies(metadata, "storage")},
        storage_is_exact=True,
        extra_bindings=tuple(_mapping_at(metadata, "extra-bindings")),
        has_lxd_profile=has_lxd_profile,
    )


def _mapping_at(mapping: Mapping[str, Any], key: str) -> YamlMapping:
    """Return the mapping at a key, with strings as keys; empty when the key has another value."""
    child = mapping.get(key)
    if not isinstance(child, dict):
        return {}
    return {str(name): value for name, value in cast("dict[Any, Any]", child).items()}


def _bodies(mapping: Mapping[str, Any], key: str) -> list[tuple[str, YamlMapping]]:
    """Return the names and mappings of a section; an entry that is no mapping is empty."""
    section = _mapping_at(mapping, key)
    return [(name, _mapping_at(section, name)) for name in section]


def _texts(section: YamlMapping, key: str) -> dict[str, str]:
    """Return the text at a key of each entry of a section, without the entries that lack it."""
    texts = {name: _mapping_at(section, name).get(key) for name in section}
    return {name: str(text) for name, text in texts.items() if text}


def _strings(sequence: object) -> tuple[str, ...]:
    if not isinstance(sequence, list):
        return ()
    return tuple(str(entry) for entry in cast("list[object]", sequence))


def _options(section: YamlMapping) -> dict[str, Option]:
    bodies = {name: _mapping_at(section, name) for name in section}
    return {
        name: Option(name, str(body.get("type") or "string"), body.get("default"))
        for name, body in bodies.items()
    }


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
    limit = endpoint.get("limit")
    interface = str(endpoint.get("interface", ""))
    return Endpoint(name, role, interface, scope, limit if isinstance(limit, int) else 0)


def _manifest_bases(manifest: YamlMapping) -> tuple[ManifestBase, ...]:
    entries = manifest.get("bases")
    if not isinstance(entries, list):
        return ()
    bases = [_mapping_at({"": base}, "") for base in cast("list[object]", entries)]
    return tuple(_manifest_base(base) for base in bases if base)


def _manifest_base(base: YamlMapping) -> ManifestBase:
    name, channel = str(base.get("name", "")), str(base.get("channel", ""))
    return ManifestBase(name, channel, _strings(base.get("architectures")))


def _storage(name: str, body: YamlMapping) -> Storage:
    minimum, maximum = _storage_counts(str(_mapping_at(body, "multiple").get("range", "1")))
    return Storage(name, str(body.get("type", "")), minimum, maximum)


def _storage_counts(text: str) -> tuple[int, int | None]:
    match = _RANGE.fullmatch(text)
    if match is None:
        return 0, None
    low, sign, high = match.groups()
    if sign:
        return bounded_int(low), None
    return bounded_int(low), bounded_int(high or low)


def charm_from_catalogue(facts: YamlMapping, release: Version | None = None) -> Charm:
    """Return the facts about a charm from the content of a profile's catalogue file.

    The file names resources and storages only. Their types and counts are not known.

    Args:
        facts: The content of the file.
        release: The Kubernetes release of the charm. Options that the charm has only since a later
            one are left out. None stands for the newest.
    """
    lxd_profile = facts.get("lxd-profile")
    return Charm(
        name=facts["name"],
        subordinate=bool(facts.get("subordinate")),
        endpoints={
            name: Endpoint(
                name,
                body["role"],
                body["interface"],
                body.get("scope", "global"),
                body.get("limit", 0),
            )
            for name, body in facts["endpoints"].items()
        },
        options={
            name: Option(name, body["type"], body.get("default"))
            for name, body in facts["options"].items()
            if release is None or release >= parse_version(body.get("since", "0.0"))
        },
        actions={name: tuple(names) for name, names in facts.get("actions", {}).items()},
        resources=tuple(facts.get("resources") or ()),
        offline_resources=tuple(facts.get("offline") or ()),
        series=tuple(facts.get("series") or ()),
        bases=tuple(facts.get("bases") or ()),
        storage={name: Storage(name) for name in facts.get("storage") or ()},
        extra_bindings=tuple(facts.get("extra-bindings") or ()),
        has_lxd_profile=None if lxd_profile is None else bool(lxd_profile),
    )
