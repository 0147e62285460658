"""The model that the output of ``juju status --format json`` describes.

A status has no options, annotations and constraints, and does not say how an application is
exposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..bundle.bases import BASE_TO_SERIES, SERIES_TO_BASE, normalize_base
from ..bundle.charm_url import charmhub_name
from ..bundle.limits import refuse_counts
from ..bundle.model import Exposure
from ..juju import Juju
from .model import Model, ModelApplication, ModelMachine, ModelUnit

JsonObject = Mapping[str, Any]


def model_of_status(status: JsonObject, juju: Juju) -> Model:
    """Return the model of a status."""
    nodes = objects(status["applications"])
    machines: dict[str, ModelMachine] = {}
    _add_machines(machines, status["machines"])
    relations, doubts = relations_of_nodes(nodes)
    applications = {name: _application(fields, juju) for name, fields in nodes.items()}
    for offer_name, offer in objects(status.get("offers")).items():
        application = applications.get(str(offer.get("application")))
        if application is not None:
            application.offers.append(offer_name)
    return Model(applications, machines, relations, doubts)


def refuse_large_status(status: JsonObject, name: str) -> None:
    """Refuse a status with more applications, machines or units than botlab plans.

    Raises:
        BotlabError: When a number exceeds its limit.
    """
    applications = objects(status["applications"])
    units = (objects(fields.get("units")) for fields in applications.values())
    refuse_counts(
        name,
        applications=len(applications),
        machines=len(objects(status["machines"])),
        units=sum(map(len, units)),
    )


def objects(node: object) -> dict[str, JsonObject]:
    """Return the objects in an object of JSON, by name."""
    fields = cast("dict[str, Any]", node) if isinstance(node, dict) else {}
    return {key: field for key, field in fields.items() if isinstance(field, dict)}


def _add_machines(machines: dict[str, ModelMachine], nodes: object) -> None:
    for key, fields in objects(nodes).items():
        machines[key] = ModelMachine(key, None)
        _add_machines(machines, fields.get("containers"))


def _application(fields: JsonObject, juju: Juju) -> ModelApplication:
    revision = fields.get("charm-rev")
    charm = str(fields.get("charm") or "")
    units = [
        ModelUnit(name, str(unit.get("machine", "")))
        for name, unit in objects(fields.get("units")).items()
    ]
    return ModelApplication(
        # Juju compares charms of Charmhub by their names.
        charm=charmhub_name(charm, juju) or charm,
        channel=str(fields.get("charm-channel") or ""),
        revision=revision if isinstance(revision, int) else -1,
        platform=_platform(fields, juju),
        scale=fields.get("scale") or 0,
        exposed=bool(fields.get("exposed")),
        exposed_endpoints=exposed_endpoints(fields),
        options=None,
        annotations=None,
        # Juju asks for the constraints of applications that have units.
        constraints=None if units else {},
        units=units,
    )


def exposed_endpoints(fields: JsonObject) -> dict[str, Exposure] | None:
    """Return how an application is exposed; None if its fields do not contain this."""
    if "exposed-endpoints" not in fields and fields.get("exposed"):
        return None
    return {
        key: Exposure(
            _texts(exposure.get("expose-to-spaces")), _texts(exposure.get("expose-to-cidrs"))
        )
        for key, exposure in objects(fields.get("exposed-endpoints")).items()
    }


def _platform(fields: JsonObject, juju: Juju) -> str:
    """Return the platform in the form of a release: a series up to 2.9, a base later."""
    series, base = str(fields.get("series") or ""), ""
    if isinstance(fields.get("base"), dict):
        parts = cast("JsonObject", fields["base"])
        base = f"{parts.get('name', '')}@{parts.get('channel', '')}"
    if juju < Juju.V3_6:
        return series or BASE_TO_SERIES.get(base.partition("/")[0], "")
    base = base or SERIES_TO_BASE.get(series, "")
    return normalize_base(base) if base else series


def _list(node: object) -> list[Any]:
    return cast("list[Any]", node) if isinstance(node, list) else []


def _texts(node: object) -> list[str]:
    return [str(text) for text in _list(node)]


def _ends_by_application(fields: JsonObject) -> dict[str, dict[str, None]]:
    """Return the endpoints of an application, in order, by the application at the other end."""
    relations = fields.get("relations")
    endpoints = cast("dict[str, Any]", relations) if isinstance(relations, dict) else {}
    ends: dict[str, dict[str, None]] = {}
    for endpoint, entries in endpoints.items():
        for entry in _list(entries):
            ends.setdefault(application_name(entry), {})[endpoint] = None
    return ends


def application_name(entry: object) -> str:
    """Return the application of an entry, which is an object in Juju 3 and a name in Juju 2."""
    if isinstance(entry, dict):
        return str(cast("JsonObject", entry).get("related-application"))
    return str(entry)


def relations_of_nodes(
    applications: Mapping[str, JsonObject],
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the relations of a status, and notes about those that are ambiguous.

    A status names the application at the other end of a relation, but not its endpoint. Endpoints
    with the same name belong together. If several pairs of the other endpoints are possible, all
    of them count as relations.

    Args:
        applications: The applications of a status, by name.
    """
    ends = {name: _ends_by_application(fields) for name, fields in applications.items()}
    relations: list[tuple[str, str]] = []
    notes: list[str] = []
    for first, second in _related_pairs(ends):
        first_ends = ends[first].get(second, {})
        second_ends = ends[second].get(first, {})
        same = [end for end in first_ends if end in second_ends]
        relations += [(f"{first}:{end}", f"{second}:{end}") for end in same]
        pairs, note = _possible_pairs(
            first,
            [end for end in first_ends if end not in second_ends],
            second,
            [end for end in second_ends if end not in first_ends],
        )
        relations += pairs
        notes += note
    return relations, notes


def _related_pairs(ends: Mapping[str, Mapping[str, object]]) -> list[tuple[str, str]]:
    """Return the pairs of applications of which one names the other, in order."""
    pairs = {
        (min(name, related), max(name, related))
        for name, partners in ends.items()
        for related in partners
        if related in ends and related != name
    }
    return sorted(pairs)


def _possible_pairs(
    first: str, first_ends: Iterable[str], second: str, second_ends: Iterable[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return all pairs of endpoints, and a note if there are several."""
    first_ends, second_ends = list(first_ends), list(second_ends)
    pairs = [
        (f"{first}:{first_end}", f"{second}:{second_end}")
        for first_end in first_ends
        for second_end in second_ends
    ]
    if len(pairs) < 2:
        return pairs, []
    note = (
        f"the status does not show which of the endpoints {', '.join(first_ends)} of {first} is"
        f" related to which of the endpoints {', '.join(second_ends)} of {second}; the plan treats"
        " all pairs as related"
    )
    return pairs, [note]
