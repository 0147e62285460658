"""Merge an overlay file as Juju 2.6 does.

Source: ``processSingleBundleOverlay`` in ``cmd/juju/application/bundle.go`` at 2.6.11. Unlike the
later releases, Juju 2.6 merges only some keys, and never removes an entry of a mapping.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..findings import KeyPath
from ..yaml_nodes import MappingNode, Node
from .go_text import quote
from .includes import Include, include_2_6
from .merge import children_of, drop_relations, keys_of, node_at
from .model import Application
from .schema import RawBundle

_REPLACED = ("charm", "series", "num_units", "to", "expose", "constraints")
_MERGED = ("resources", "options", "annotations", "storage", "devices", "bindings")
_WITH_INCLUDES = ("options", "annotations")


def apply_overlay_2_6(
    base: RawBundle,
    overlay: RawBundle,
    root: Node | None,
    path: str,
    includes: dict[KeyPath, Include],
) -> str:
    """Merge an overlay into a base, which is changed.

    Args:
        base: The base.
        overlay: The overlay.
        root: The root node of the overlay, which shows the keys that it has.
        path: The absolute path of the overlay.
        includes: The files that values were read from, by the values' key paths. Those of the
            overlay are added.

    Returns:
        Juju's message when the overlay is not allowed, else an empty string.
    """
    applications = node_at(root, "applications")
    has_applications = isinstance(applications, MappingNode) and bool(applications.value)
    if overlay.applications and not has_applications:
        return (
            f"bundle overlay file {quote(path)} used deprecated 'services' key, this is not valid"
            " for bundle overlay files"
        )
    nodes = children_of(applications)
    drop_relations(base, {name for name, body in overlay.applications.items() if body is None})
    for name, application in overlay.applications.items():
        if application is None:
            base.applications.pop(name, None)
            continue
        current = base.applications.setdefault(name, application)
        if current is not None and current is not application:
            keys = keys_of(nodes.get(name))
            values = _Values(application, keys, overlay.directory, name, includes)
            if problem := _merge_application(current, values):
                return problem
    base.series = overlay.series or base.series
    base.relations = base.relations + overlay.relations
    if overlay.machines_given is not None:
        base.machines = overlay.machines
    return ""


@dataclass(frozen=True, slots=True)
class _Values:
    """What an overlay says about an application.

    Attributes:
        application: The values.
        keys: The keys that the overlay has.
        directory: Where the paths of include directives start.
        name: The name of the application.
        includes: The files that values were read from.
    """

    application: Application
    keys: set[str]
    directory: str
    name: str
    includes: dict[KeyPath, Include]


def _merge_application(current: Application, values: _Values) -> str:
    for key in values.keys.intersection(_REPLACED):
        setattr(current, key, getattr(values.application, key))
    for key in sorted(values.keys.intersection(_MERGED)):
        if problem := _merge_mapping(getattr(current, key), key, values):
            return problem
    return ""


def _merge_mapping(merged: dict[str, Any], key: str, values: _Values) -> str:
    entries: dict[str, Any] = getattr(values.application, key)
    for entry, value in entries.items():
        if key not in _WITH_INCLUDES:
            merged[entry] = value
            continue
        merged[entry], include, problem = include_2_6(value, values.directory)
        if problem:
            owner = f"application {values.name}"
            return f"processing config {key} value {entry} for {owner}: {problem}"
        if include:
            values.includes["applications", values.name, key, entry] = include
    return ""
