"""Normalize documents and merge overlays into a base, as Juju does (juju/charm overlay.go)."""

from __future__ import annotations

import dataclasses
import os.path
from collections.abc import Iterator
from typing import Any

from ..findings import KeyPath
from ..yaml_nodes import MappingNode, Node, ScalarNode
from .charm_url import is_local_path
from .go_text import quote
from .model import Application
from .schema import RawApplication, RawBundle


def normalize_document(document: RawBundle) -> str:
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
    if document.type != "kubernetes":
        placement = application.placement
        return f"placement ({placement}) not valid for non-Kubernetes application {quote(name)}"
    if application.to:
        return f"cannot specify both placement and to for application {quote(name)}"
    application.to, application.placement = [application.placement], ""
    return ""


def overlay_only_fields(document: RawBundle) -> list[tuple[KeyPath, str]]:
    """Return the fields of a base that only overlays may have, each with Juju's name for it."""
    paths = [
        path
        for name, application in document.applications.items()
        if application is not None
        for path in _overlay_only_paths(application, ("applications", name))
    ]
    return [(path, ".".join(str(part) for part in path)) for path in paths]


def _overlay_only_paths(application: Application, path: KeyPath) -> Iterator[KeyPath]:
    if application.exposed_endpoints:
        yield (*path, "exposed-endpoints")
    for endpoint, exposure in application.exposed_endpoints.items():
        if exposure.spaces:
            yield (*path, "exposed-endpoints", endpoint, "expose-to-spaces")
        if exposure.cidrs:
            yield (*path, "exposed-endpoints", endpoint, "expose-to-cidrs")
    if application.offers:
        yield (*path, "offers")
    for name, offer in application.offers.items():
        if offer and offer.endpoints:
            yield (*path, "offers", name, "endpoints")
        if offer and offer.acl:
            yield (*path, "offers", name, "acl")


def apply_overlay(base: RawBundle, overlay: RawBundle, root: Node | None) -> str:
    """Merge an overlay into a base, which is changed.

    Args:
        base: The base.
        overlay: The overlay.
        root: The root node of the overlay, which shows the keys that it has.

    Returns:
        Juju's message when the overlay is not allowed, else an empty string.
    """
    if overlay.services and not _mapping(root, "applications"):
        return (
            "bundle overlay file used deprecated 'services' key, this is not valid for bundle"
            " overlay files"
        )
    for name, application in overlay.applications.items():
        _merge_application(base, overlay, name, application, _keys(root, "applications", name))
    for name, url in overlay.saas.items():
        if overlay.raw_saas.get(name) is None:
            base.saas.pop(name, None)
            _drop_relations(base, name)
        else:
            base.saas[name] = url
    base.series = overlay.series or base.series
    base.relations = base.relations + overlay.relations
    if overlay.machines_given is not None:
        base.machines = overlay.machines
    return ""


def _merge_application(
    base: RawBundle,
    overlay: RawBundle,
    name: str,
    application: Application | None,
    keys: set[str],
) -> None:
    if application is None:
        base.applications.pop(name, None)
        _drop_relations(base, name)
        return
    if is_local_path(application.charm) and overlay.directory != base.directory:
        charm = os.path.join(overlay.directory, application.charm)  # noqa: PTH118 - as Juju joins it
        application.charm = os.path.normpath(charm)
    current = base.applications.get(name)
    if current is None:
        base.applications[name] = application
        return
    attributes = {attribute.name for attribute in dataclasses.fields(current)}
    for key in keys:
        attribute = "num_units" if key == "scale" else key.replace("-", "_")
        if attribute in attributes:
            _merge_attribute(current, attribute, getattr(application, attribute))


def _merge_attribute(application: Application, attribute: str, value: Any) -> None:
    """Replace an attribute of an application, or merge it if it is a mapping with entries."""
    if isinstance(value, dict) and value:
        merged: dict[str, Any] = {**getattr(application, attribute), **value}
        setattr(application, attribute, merged)
    else:
        setattr(application, attribute, value)


def _drop_relations(base: RawBundle, name: str) -> None:
    """Remove the relations of an application."""

    def is_end_of_application(end: str) -> bool:
        return end == name or end.startswith(f"{name}:")

    base.relations = [
        relation
        for relation in base.relations
        if len(relation) != 2 or not any(is_end_of_application(end) for end in relation)
    ]


def _mapping(node: Node | None, key: str) -> MappingNode | None:
    """Return the mapping at a key of a node; None when there is no mapping."""
    if isinstance(node, MappingNode):
        for name, child in node.value:
            if isinstance(name, ScalarNode) and name.value == key:
                return child if isinstance(child, MappingNode) else None
    return None


def _keys(root: Node | None, *path: str) -> set[str]:
    """Return the keys of the mapping at a path."""
    node: Node | None = root
    for part in path:
        node = _mapping(node, part)
    if not isinstance(node, MappingNode):
        return set()
    return {key.value for key, _ in node.value if isinstance(key, ScalarNode)}
