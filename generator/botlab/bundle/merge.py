"""Normalise one document and lay overlays over a base, as Juju does (juju/charm overlay.go)."""

from __future__ import annotations

import dataclasses
import os.path
from typing import Any

from ..findings import KeyPath
from ..yamlmarks import MappingNode, Node, ScalarNode
from .charmurl import is_local_path
from .gotext import quote
from .model import Application
from .schema import RawApplication, RawBundle


def normalise(document: RawBundle) -> str:
    """Fold aliases (services, scale, placement) into one form.

    Returns:
        Juju's words when the document says the same thing twice, else an empty text.
    """
    if document.applications and document.services:
        return "cannot specify both applications and services"
    document.applications = document.applications or document.services
    document.machines = document.machines_given or {}
    document.saas = {name: saas.url if saas else "" for name, saas in document.raw_saas.items()}
    for name, application in document.applications.items():
        problem = _normalise_application(document, name, application)
        if problem:
            return problem
    return ""


def _normalise_application(document: RawBundle, name: str, application: Application | None) -> str:
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


def overlay_only(document: RawBundle) -> list[tuple[KeyPath, str]]:
    """List the fields of a base document that may stand in overlays only, as Juju names them."""
    found: list[tuple[KeyPath, str]] = []
    for name, application in document.applications.items():
        if application is None:
            continue
        at: KeyPath = ("applications", name)
        _exposed(application, at, found)
        _offered(application, at, found)
    return found


def _exposed(application: Application, at: KeyPath, found: list[tuple[KeyPath, str]]) -> None:
    if application.exposed_endpoints:
        _add(found, (*at, "exposed-endpoints"))
    for endpoint, exposure in application.exposed_endpoints.items():
        for key, given in (
            ("expose-to-spaces", exposure.spaces),
            ("expose-to-cidrs", exposure.cidrs),
        ):
            if given:
                _add(found, (*at, "exposed-endpoints", endpoint, key))


def _offered(application: Application, at: KeyPath, found: list[tuple[KeyPath, str]]) -> None:
    if application.offers:
        _add(found, (*at, "offers"))
    for name, offer in application.offers.items():
        for key, given in (("endpoints", offer.endpoints), ("acl", offer.acl)):
            if offer and given:
                _add(found, (*at, "offers", name, key))


def _add(found: list[tuple[KeyPath, str]], path: KeyPath) -> None:
    found.append((path, ".".join(str(part) for part in path)))


def apply_overlay(base: RawBundle, overlay: RawBundle, root: Node | None) -> str:
    """Lay one overlay over the base, in place.

    Returns:
        Juju's words when the overlay may not be used, else an empty text.
    """
    if overlay.services and not _mapping(root, "applications"):
        return (
            "bundle overlay file used deprecated 'services' key, this is not valid for bundle"
            " overlay files"
        )
    for name, application in overlay.applications.items():
        _lay_application(base, overlay, name, application, _keys(root, "applications", name))
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


def _lay_application(
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
    if is_local_path(application.charm) and overlay.folder != base.folder:
        application.charm = os.path.normpath(os.path.join(overlay.folder, application.charm))  # noqa: PTH118 - a path of text, kept as Juju joins it
    current = base.applications.get(name)
    if current is None:
        base.applications[name] = application
        return
    known = {spec.name for spec in dataclasses.fields(current)}
    for key in keys:
        attribute = key.replace("-", "_")
        attribute = "num_units" if key == "scale" else attribute
        if attribute in known:
            _lay_field(current, attribute, getattr(application, attribute))


def _lay_field(current: Application, attribute: str, value: Any) -> None:
    if not isinstance(value, dict) or not value:
        setattr(current, attribute, value)
        return
    merged: dict[str, Any] = {**getattr(current, attribute), **value}
    setattr(current, attribute, merged)


def _drop_relations(base: RawBundle, name: str) -> None:
    def touches(end: str) -> bool:
        return end == name or end.startswith(f"{name}:")

    base.relations = [
        relation
        for relation in base.relations
        if len(relation) != 2 or not (touches(relation[0]) or touches(relation[1]))
    ]


def _mapping(node: Node | None, key: str) -> MappingNode | None:
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if isinstance(name, ScalarNode) and name.value == key:
                return value if isinstance(value, MappingNode) else None
    return None


def _keys(root: Node | None, *path: str) -> set[str]:
    node: Node | None = root
    for part in path:
        node = _mapping(node, part)
    if not isinstance(node, MappingNode):
        return set()
    return {key.value for key, _ in node.value if isinstance(key, ScalarNode)}
