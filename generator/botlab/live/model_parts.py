"""The applications and relations of a running model that no bundle describes, for its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..bundle.relation import RelationEnd
from ..json_values import list_of, mapping_of, text_of
from ..picture import model
from ..plan.model_status import application_name, objects, relations_of_nodes
from .comparison.offers import remote_applications
from .status.model import ApplicationStatus, ModelStatus

_JsonObject = Mapping[str, Any]


def model_application(application: ApplicationStatus) -> model.Application:
    """Return an application of a model."""
    channel = f", {application.channel}" if application.channel else ""
    revision = f", revision {application.revision}" if application.revision >= 0 else ""
    is_subordinate = bool(application.principals)
    return model.Application(
        application.name,
        f"{application.charm}{channel}{revision}",
        0 if is_subordinate else len(application.units),
        is_subordinate,
        application.is_exposed,
    )


def model_remote_applications(status: ModelStatus) -> Iterator[model.Application]:
    """Yield the applications of other models that a model uses."""
    for name, fields in remote_applications(status.document).items():
        if name not in status.applications:
            yield model.Application(name, text_of(fields.get("url")), is_remote=True)


def model_relations(status: ModelStatus) -> Iterator[model.Relation]:
    """Yield the relations of a model, in order, also those with applications of other models."""
    applications = objects(status.document.get("applications"))
    nodes = {**remote_applications(status.document), **applications}
    pairs, _ = relations_of_nodes(nodes)
    for ends in sorted(map(sorted, pairs)):
        left, right = (RelationEnd(*end.split(":", 1)) for end in ends)
        entry = _entry(nodes, left, right) or _entry(nodes, right, left)
        interface, scope = text_of(entry.get("interface")), text_of(entry.get("scope"))
        is_local = scope == "container" if scope else _is_pair(status, left, right)
        yield model.Relation(left, right, interface, is_local)


def _entry(nodes: Mapping[str, _JsonObject], end: RelationEnd, other: RelationEnd) -> _JsonObject:
    """Return what Juju 3 prints of a relation at one end; empty for Juju 2."""
    endpoints = mapping_of(nodes[end.application].get("relations"))
    for entry in list_of(endpoints.get(end.relation)):
        fields = mapping_of(entry)
        if fields and application_name(entry) == other.application:
            return fields
    return {}


def _is_pair(status: ModelStatus, left: RelationEnd, right: RelationEnd) -> bool:
    """Return whether one application is a subordinate of the other, as Juju 2 prints it."""
    names = left.application, right.application
    pairs = (names, names[::-1])
    applications = status.applications
    return any(
        name in applications and other in applications[name].principals for name, other in pairs
    )
