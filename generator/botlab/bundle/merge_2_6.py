"""Merge an overlay file as Juju 2.6 does.

Source: ``processSingleBundleOverlay`` in ``cmd/juju/application/bundle.go`` at 2.6.11. Unlike the
later releases, Juju 2.6 merges only some keys, and never removes an entry of a mapping.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..yaml_nodes import MappingNode, Node
from .go_text import quote
from .includes import IncludeReader
from .merge import children_of, drop_relations, keys_of, node_at
from .model import Application
from .schema import RawBundle

_REPLACED = ("charm", "series", "num_units", "to", "expose", "constraints")
_MERGED = ("resources", "options", "annotations", "storage", "devices", "bindings")
_WITH_INCLUDES = ("options", "annotations")


def apply_overlay_2_6(
    base: RawBundle, overlay: RawBundle, root: Node | None, path: str, includes: IncludeReader
) -> str:
    """Merge an overlay into a base, which is changed.

    Args:
        base: The base.
        overlay: The overlay.
        root: The root node of the overlay, which shows the keys that it has.
        path: The absolute path of the overlay.
        includes: The reader of the files that the overlay includes.

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
            read = functools.partial(_read_entry, includes, overlay.directory, name)
            problem = _merge_application(current, application, keys, read)
            if problem:
                return problem
    base.series = overlay.series or base.series
    base.relations = base.relations + overlay.relations
    if overlay.machines_given is not None:
        base.machines = overlay.machines
    return ""


def _merge_application(
    current: Application,
    application: Application,
    keys: set[str],
    read: Callable[[str, str, Any], tuple[Any, str]],
) -> str:
    for key in keys.intersection(_REPLACED):
        setattr(current, key, getattr(application, key))
    for key in sorted(keys.intersection(_MERGED)):
        entries: dict[str, Any] = getattr(application, key)
        for entry, value in entries.items():
            included, problem = read(key, entry, value)
            if problem:
                return problem
            getattr(current, key)[entry] = included
    return ""


def _read_entry(
    includes: IncludeReader, directory: str, name: str, key: str, entry: str, value: Any
) -> tuple[Any, str]:
    """Return an entry of an application with its include directive replaced, and what failed."""
    if key not in _WITH_INCLUDES:
        return value, ""
    included, problem = includes.read(value, directory, ("applications", name, key, entry))
    message = f"processing config {key} value {entry} for application {name}: {problem}"
    return included, message if problem else ""
