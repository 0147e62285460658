"""Read a model that exists: a ``juju status --format json``, or an exported bundle."""

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
from .model import Model, ModelApplication, ModelMachine, ModelUnit
from .words import Words

STATUS_NOTE = (
    "a status does not tell options, constraints and annotations: nothing is planned about those"
    " of applications that exist; give an exported bundle to see them"
)


def read_model(text: str, name: str, juju: Juju) -> Model:
    """Return the model that a status or an exported bundle tells of.

    Args:
        text: What the file holds.
        name: Its name, for errors.
        juju: The release whose bundle grammar applies.

    Raises:
        BotlabError: When it is neither.
    """
    if text.lstrip().startswith("{"):
        return _from_status(_status(text, name))
    parsed = parse_bundle(BundleSource(text, name, ""), juju)
    if parsed.is_refused or not parsed.bundle.applications:
        raise BotlabError(
            f"{name}: is no model; give what `juju status --format json` or"
            " `juju export-bundle` printed"
        )
    return model_of(parsed.bundle, juju)


def model_of(bundle: Bundle, juju: Juju) -> Model:
    """Return the model that stands when a bundle is deployed; units count from 0."""
    words = Words(juju)
    machines = {key: ModelMachine(key, dict(m.annotations) if m else {}) for key, m in
                bundle.machines.items()}  # fmt: skip
    containers: dict[str, int] = {}
    applications: dict[str, ModelApplication] = {}
    for name, body in bundle.applications.items():
        application = body or Application()
        applications[name] = ModelApplication(
            charm=application.charm,
            channel=application.channel,
            revision=-1 if application.revision is None else application.revision,
            platform=words.platform(
                application.series, application.base, bundle.series, bundle.default_base
            ),
            exposed=application.expose or bool(application.exposed_endpoints),
            exposed_endpoints=dict(application.exposed_endpoints),
            options=dict(application.options),
            annotations=dict(application.annotations),
            constraints=application.constraints,
            units=_placed_units(name, application, containers),
        )
    for application in applications.values():
        for unit in application.units:
            machines.setdefault(unit.machine, ModelMachine(unit.machine))
    return Model(applications, machines, _pairs(bundle.relations))


def _pairs(relations: Iterable[list[str]]) -> list[tuple[str, str]]:
    return [(pair[0], pair[1]) for pair in relations if len(pair) == 2]


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


Json = Mapping[str, Any]


def _status(text: str, name: str) -> Json:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BotlabError(f"{name}: is not whole JSON: {error}") from None
    if not isinstance(data, dict) or not _has_parts(cast("Json", data)):
        raise BotlabError(
            f"{name}: is no `juju status --format json`: model, machines or applications missing"
        )
    return cast("Json", data)


def _has_parts(data: Json) -> bool:
    return all(isinstance(data.get(key), dict) for key in ("model", "machines", "applications"))


def _from_status(data: Json) -> Model:
    applications = {
        name: _application(body) for name, body in _dicts(data["applications"]).items()
    }
    machines: dict[str, ModelMachine] = {}
    _add_machines(machines, data["machines"])
    relations, doubts = _relations(_dicts(data["applications"]))
    return Model(applications, machines, relations, [STATUS_NOTE, *doubts])


def _dicts(value: object) -> dict[str, Json]:
    found = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return {key: body for key, body in found.items() if isinstance(body, dict)}


def _add_machines(machines: dict[str, ModelMachine], bodies: object) -> None:
    for key, body in _dicts(bodies).items():
        machines[key] = ModelMachine(key, None)
        _add_machines(machines, body.get("containers"))


def _application(body: Json) -> ModelApplication:
    base = body.get("base")
    platform = str(body.get("series") or "")
    if isinstance(base, dict):
        parts = cast("Json", base)
        platform = normalize_base(f"{parts.get('name', '')}@{parts.get('channel', '')}")
    revision = body.get("charm-rev")
    units = [
        ModelUnit(name, str(unit.get("machine", "")))
        for name, unit in _dicts(body.get("units")).items()
    ]
    return ModelApplication(
        charm=str(body.get("charm") or ""),
        channel=str(body.get("charm-channel") or ""),
        revision=revision if isinstance(revision, int) else -1,
        platform=platform,
        exposed=bool(body.get("exposed")),
        exposed_endpoints={
            key: Exposure(
                _texts(exposure.get("expose-to-spaces")), _texts(exposure.get("expose-to-cidrs"))
            )
            for key, exposure in _dicts(body.get("exposed-endpoints")).items()
        },
        options=None,
        annotations=None,
        constraints=None,
        units=units,
    )


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [str(item) for item in _list(value)]


def _related(body: Json) -> dict[str, list[str]]:
    """Return the applications at each endpoint; Juju 3 lists mappings, Juju 2 names."""
    relations = body.get("relations")
    ends = cast("dict[str, Any]", relations) if isinstance(relations, dict) else {}
    return {
        endpoint: [_other(item) for item in _list(others)] for endpoint, others in ends.items()
    }


def _other(item: object) -> str:
    found = cast("Json", item).get("related-application") if isinstance(item, dict) else item
    return str(found)


def _relations(bodies: Mapping[str, Json]) -> tuple[list[tuple[str, str]], list[str]]:
    """Join the two ends of each relation.

    A status names the other application but not its endpoint. Ends of one name belong together;
    what is left over is joined where only one way remains, else every way is taken as there.
    """
    ends = {name: _related(body) for name, body in bodies.items()}
    pairs: list[tuple[str, str]] = []
    doubts: list[str] = []
    names = sorted(ends)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            left = [end for end, apps in ends[one].items() if other in apps]
            right = [end for end, apps in ends[other].items() if one in apps]
            same = [end for end in left if end in right]
            left = [end for end in left if end not in same]
            right = [end for end in right if end not in same]
            pairs += [(f"{one}:{end}", f"{other}:{end}") for end in same]
            pairs += [(f"{one}:{mine}", f"{other}:{its}") for mine in left for its in right]
            if len(left) * len(right) > 1:
                doubts.append(
                    f"the status does not tell which of {one}'s endpoints {', '.join(left)} joins"
                    f" which of {other}'s {', '.join(right)}: each pair is taken as related"
                )
    return pairs, doubts
