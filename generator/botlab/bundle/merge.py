"""Normalize documents and merge overlays into a base, as Juju does (juju/charm overlay.go)."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from typing import Any, cast

from ..findings import KeyPath
from ..juju import Juju
from ..yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from .charm_url import is_local_path
from .decode import expanded_entries, is_null
from .go_path import join_path
from .go_text import quote
from .model import KUBERNETES, Application, Exposure
from .schema import RawApplication, RawBundle

# The fields with the tag `source:"overlay-only"` of an application, in the order of Go's structs.
_OVERLAY_ONLY = {
    "exposed-endpoints": ("expose-to-spaces", "expose-to-cidrs"),
    "offers": ("endpoints", "acl"),
}


def normalize_document(document: RawBundle, juju: Juju) -> str:
    """Replace the aliases of a document: services, scale and placement.

    Returns:
        Juju's message when the document uses both an alias and its replacement, else an empty
        text.
    """
    if document.applications and document.services:
        return "cannot specify both applications and services"
    document.applications = document.applications or document.services
    document.machines = document.machines_given or {}
    document.saas = {name: saas.url if saas else "" for name, saas in document.raw_saas.items()}
    for name, application in document.applications.items():
        problem = _normalize_application(document, name, application)
        if problem:
            return problem
        is_kubernetes = document.type == KUBERNETES and juju < Juju.V2_9
        if application is not None and is_kubernetes:
            application.series = application.series or KUBERNETES
    return ""


def _normalize_application(document: RawBundle, name: str, application: Application | None) -> str:
    if not isinstance(application, RawApplication):
        return ""
    if application.scale > 0 and application.num_units > 0:
        return f"cannot specify both scale and num_units for application {quote(name)}"
    if application.scale > 0 and application.num_units == 0:
        application.num_units, application.scale = application.scale, 0
    if not application.placement:
        return ""
    if document.type != KUBERNETES:
        placement = application.placement
        return f"placement ({placement}) not valid for non-Kubernetes application {quote(name)}"
    if application.to:
        return f"cannot specify both placement and to for application {quote(name)}"
    application.to, application.placement = [application.placement], ""
    return ""


def overlay_only_fields(document: RawBundle, root: Node | None) -> list[KeyPath]:
    """Return the fields of a base that only overlays may have, as Juju finds them.

    Args:
        document: The base.
        root: Its root node. A field that is empty but not null counts.
    """
    key = "services" if document.applications is document.services else "applications"
    nodes = children_of(node_at(root, key))
    return [
        ("applications", name, *path)
        for name, application in document.applications.items()
        if application is not None
        for path in _overlay_only_paths(nodes.get(name))
    ]


def _overlay_only_paths(application: Node | None) -> Iterator[KeyPath]:
    """Yield the paths in an application whose values are not null."""
    for key, fields in _OVERLAY_ONLY.items():
        node = node_at(application, key)
        if not isinstance(node, MappingNode):
            continue
        yield (key,)
        for name, entry in expanded_entries(node):
            for field in fields:
                child = node_at(entry, field)
                if child is not None and not is_null(child):
                    yield (key, str(name.value), field)


def apply_overlay(base: RawBundle, overlay: RawBundle, root: Node | None, juju: Juju) -> str:
    """Merge an overlay into a base, which is changed.

    Args:
        base: The base.
        overlay: The overlay.
        root: The root node of the overlay, which shows the keys that it has.
        juju: The Juju release. Since 4.0 an overlay replaces the default base.

    Returns:
        Juju's message when the overlay is not allowed, else an empty string.
    """
    if overlay.services and not isinstance(node_at(root, "applications"), MappingNode):
        return (
            "bundle overlay file used deprecated 'services' key, this is not valid for bundle"
            " overlay files"
        )
    nodes = children_of(node_at(root, "applications"))
    drop_relations(base, _removed_names(overlay))
    for name, application in overlay.applications.items():
        node = nodes.get(name)
        _merge_application(base, overlay, name, application, node)
    for name, url in overlay.saas.items():
        if overlay.raw_saas.get(name) is None:
            base.saas.pop(name, None)
            base.raw_saas.pop(name, None)
        else:
            base.saas[name] = url
            base.raw_saas[name] = overlay.raw_saas[name]
    base.series = overlay.series or base.series
    if juju >= Juju.V4_0:
        base.default_base = overlay.default_base or base.default_base
    base.relations = base.relations + overlay.relations
    if overlay.machines_given is not None:
        base.machines = overlay.machines
    return ""


def _removed_names(overlay: RawBundle) -> set[str]:
    """Return the applications and SAAS entries that an overlay removes."""
    applications = {name for name, body in overlay.applications.items() if body is None}
    return applications | {name for name in overlay.saas if overlay.raw_saas.get(name) is None}


def _merge_application(
    base: RawBundle,
    overlay: RawBundle,
    name: str,
    application: Application | None,
    node: Node | None,
) -> None:
    if application is None:
        base.applications.pop(name, None)
        return
    if is_local_path(application.charm) and overlay.directory != base.directory:
        application.charm = join_path(overlay.directory, application.charm)
    current = base.applications.get(name)
    if current is None:
        base.applications[name] = application
        return
    attributes = {attribute.name for attribute in dataclasses.fields(current)}
    for key in _merged_keys(application, node):
        attribute = key.replace("-", "_")
        if attribute in attributes:
            _merge_attribute(current, attribute, getattr(application, attribute), node, key)


def _merged_keys(application: Application, node: Node | None) -> set[str]:
    """Return the keys of an application that an overlay sets. A scale of 0 sets nothing."""
    keys = keys_of(node)
    if "scale" in keys and application.num_units > 0:
        keys.add("num_units")
    return keys - {"exposed_endpoints"}  # the attribute's name is not a key


def _merge_attribute(
    application: Application, attribute: str, value: Any, node: Node | None, key: str
) -> None:
    """Replace an attribute of an application, or merge it if it is a mapping with entries.

    As in Juju's mergeStructs, null removes all entries and an empty mapping none, and an entry
    that is null or an empty mapping removes the entry.
    """
    mapping = node_at(node, key)
    if not isinstance(value, dict) or not isinstance(mapping, MappingNode):
        setattr(application, attribute, value)
        return
    changed = cast("dict[str, Any]", value)
    merged: dict[str, Any] = dict(getattr(application, attribute))
    nodes = children_of(mapping)
    for name, entry in changed.items():
        if _is_zero(entry, nodes.get(name)):
            merged.pop(name, None)
        else:
            merged[name] = entry
    setattr(application, attribute, merged)


def _is_zero(entry: object, node: Node | None) -> bool:
    """Return whether an entry of a mapping is the zero value of a Go type that is no scalar."""
    if not isinstance(entry, Exposure):
        return entry is None
    if not isinstance(node, MappingNode):
        return True
    # An empty list is not nil, and therefore not the zero value.
    lists = ("expose-to-spaces", "expose-to-cidrs")
    return not any(_is_list(node_at(node, key)) for key in lists)


def drop_relations(base: RawBundle, names: Collection[str]) -> None:
    """Remove the relations of some applications.

    An end is the name of an application, or begins with it and a colon. The name itself may have
    colons.
    """
    if not names:
        return
    lengths = {len(name) for name in names}

    def is_dropped(end: str) -> bool:
        return any(
            end[length : length + 1] in ("", ":") and end[:length] in names for length in lengths
        )

    base.relations = [
        relation
        for relation in base.relations
        if len(relation) != 2 or not any(map(is_dropped, relation))
    ]


def node_at(root: Node | None, *path: str) -> Node | None:
    """Return the node at a path; None when there is none. The last one of equal keys counts."""
    node = root
    for part in path:
        node = children_of(node).get(part)
    return node


def children_of(node: Node | None) -> dict[str, Node]:
    """Return the values of a mapping by their keys; empty for other nodes."""
    if not isinstance(node, MappingNode):
        return {}
    return {
        str(key.value): child
        for key, child in expanded_entries(node)
        if isinstance(key, ScalarNode)
    }


def _is_list(node: Node | None) -> bool:
    return isinstance(node, SequenceNode)


def keys_of(node: Node | None) -> set[str]:
    """Return the keys of a mapping."""
    return set(children_of(node))
