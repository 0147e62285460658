"""Reading of an existing model from ``juju status --format json`` or an exported bundle."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..bundle.bases import normalize_base
from ..bundle.model import Application, Bundle, Exposure
from ..bundle.parse import BundleSource, parse_bundle
from ..bundle.placement import parse_placement
from ..errors import BotlabError
from ..juju import Juju
from .descriptions import Descriptions
from .model import Model, ModelApplication, ModelMachine, ModelUnit

JsonObject = Mapping[str, Any]

STATUS_NOTE = (
    "a status does not contain options, constraints and annotations, so the plan does not change"
    " those of existing applications; use an exported bundle to include them"
)


def read_model(text: str, name: str, juju: Juju) -> Model:
    """Return the model that a status or an exported bundle describes.

    Args:
        text: The content of the file.
        name: The name of the file, for errors.
        juju: The release whose bundle grammar applies.

    Raises:
        BotlabError: When the text is neither.
    """
    if text.lstrip().startswith("{"):
        return _model_of_status(_parse_status(text, name))
    parsed = parse_bundle(BundleSource(text, name, ""), juju)
    if parsed.is_refused or not parsed.bundle.applications:
        raise BotlabError(
            f"{name}: does not describe a model; use the output of `juju status --format json` or"
            " `juju export-bundle`"
        )
    return model_of(parsed.bundle, juju)


def model_of(bundle: Bundle, juju: Juju) -> Model:
    """Return the model of a deployed bundle. Its units are numbered from 0."""
    machines = {
        key: ModelMachine(key, dict(machine.annotations) if machine else {})
        for key, machine in bundle.machines.items()
    }
    containers: dict[str, int] = {}
    applications = {
        name: _deployed_application(name, application or Application(), bundle, juju, containers)
        for name, application in bundle.applications.items()
    }
    for application in applications.values():
        for unit in application.units:
            machines.setdefault(unit.machine, ModelMachine(unit.machine))
    relations = [(pair[0], pair[1]) for pair in bundle.relations if len(pair) == 2]
    return Model(applications, machines, relations)


def _deployed_application(
    name: str, application: Application, bundle: Bundle, juju: Juju, containers: dict[str, int]
) -> ModelApplication:
    """Return an application of a deployed bundle.

    Args:
        name: Its name.
        application: The application in the bundle.
        bundle: The bundle.
        juju: The release that deployed it.
        containers: The number of containers of each kind on each machine. It is increased.
    """
    return ModelApplication(
        charm=application.charm,
        channel=application.channel,
        revision=-1 if application.revision is None else application.revision,
        platform=Descriptions(juju).platform(
            application.series, application.base, bundle.series, bundle.default_base
        ),
        exposed=application.expose or bool(application.exposed_endpoints),
        exposed_endpoints=dict(application.exposed_endpoints),
        options=dict(application.options),
        annotations=dict(application.annotations),
        constraints=application.constraints,
        units=_placed_units(name, application, containers),
    )


def _placed_units(
    name: str, application: Application, containers: dict[str, int]
) -> list[ModelUnit]:
    units: list[ModelUnit] = []
    for number, text in enumerate(application.to[: application.num_units]):
        placement = parse_placement(text)
        if placement is None or placement.application or not placement.machine:
            continue
        machine = placement.machine
        if placement.container:
            parent = f"{machine}/{placement.container}"
            machine = f"{parent}/{containers.get(parent, 0)}"
            containers[parent] = containers.get(parent, 0) + 1
        units.append(ModelUnit(f"{name}/{number}", machine))
    return units


def _parse_status(text: str, name: str) -> JsonObject:
    try:
        status = json.loads(text)
    except ValueError as error:
        raise BotlabError(f"{name}: is not valid JSON: {error}") from None
    keys = ("model", "machines", "applications")
    if not all(isinstance(status.get(key), dict) for key in keys):
        raise BotlabError(
            f"{name}: is not the output of `juju status --format json`: model, machines or"
            " applications are missing"
        )
    return status


def _model_of_status(status: JsonObject) -> Model:
    applications = _objects(status["applications"])
    machines: dict[str, ModelMachine] = {}
    _add_machines(machines, status["machines"])
    relations, doubts = _relations(applications)
    return Model(
        {name: _application(fields) for name, fields in applications.items()},
        machines,
        relations,
        [STATUS_NOTE, *doubts],
    )


def _objects(node: object) -> dict[str, JsonObject]:
    """Return the objects in an object of JSON, by name."""
    fields = cast("dict[str, Any]", node) if isinstance(node, dict) else {}
    return {key: field for key, field in fields.items() if isinstance(field, dict)}


def _add_machines(machines: dict[str, ModelMachine], nodes: object) -> None:
    for key, fields in _objects(nodes).items():
        machines[key] = ModelMachine(key, None)
        _add_machines(machines, fields.get("containers"))


def _application(fields: JsonObject) -> ModelApplication:
    revision = fields.get("charm-rev")
    units = [
        ModelUnit(name, str(unit.get("machine", "")))
        for name, unit in _objects(fields.get("units")).items()
    ]
    return ModelApplication(
        charm=str(fields.get("charm") or ""),
        channel=str(fields.get("charm-channel") or ""),
        revision=revision if isinstance(revision, int) else -1,
        platform=_platform(fields),
        exposed=bool(fields.get("exposed")),
        exposed_endpoints={
            key: Exposure(
                _texts(exposure.get("expose-to-spaces")), _texts(exposure.get("expose-to-cidrs"))
            )
            for key, exposure in _objects(fields.get("exposed-endpoints")).items()
        },
        options=None,
        annotations=None,
        constraints=None,
        units=units,
    )


def _platform(fields: JsonObject) -> str:
    base = fields.get("base")
    if not isinstance(base, dict):
        return str(fields.get("series") or "")
    parts = cast("JsonObject", base)
    return normalize_base(f"{parts.get('name', '')}@{parts.get('channel', '')}")


def _list(node: object) -> list[Any]:
    return cast("list[Any]", node) if isinstance(node, list) else []


def _texts(node: object) -> list[str]:
    return [str(text) for text in _list(node)]


def _related_applications(fields: JsonObject) -> dict[str, list[str]]:
    """Return the applications that are related to each endpoint of an application."""
    relations = fields.get("relations")
    endpoints = cast("dict[str, Any]", relations) if isinstance(relations, dict) else {}
    return {
        endpoint: [_application_name(entry) for entry in _list(entries)]
        for endpoint, entries in endpoints.items()
    }


def _application_name(entry: object) -> str:
    """Return the application of an entry, which is an object in Juju 3 and a name in Juju 2."""
    if isinstance(entry, dict):
        return str(cast("JsonObject", entry).get("related-application"))
    return str(entry)


def _relations(
    applications: Mapping[str, JsonObject],
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the relations of a status, and notes about those that are ambiguous.

    A status names the application at the other end of a relation, but not its endpoint. Endpoints
    with the same name belong together. If several pairs of the other endpoints are possible, all
    of them count as relations.
    """
    ends = {name: _related_applications(fields) for name, fields in applications.items()}
    relations: list[tuple[str, str]] = []
    notes: list[str] = []
    names = sorted(ends)
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            first_ends = [end for end, related in ends[first].items() if second in related]
            second_ends = [end for end, related in ends[second].items() if first in related]
            same = [end for end in first_ends if end in second_ends]
            relations += [(f"{first}:{end}", f"{second}:{end}") for end in same]
            pairs, note = _possible_pairs(
                first,
                [end for end in first_ends if end not in same],
                second,
                [end for end in second_ends if end not in same],
            )
            relations += pairs
            notes += note
    return relations, notes


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
