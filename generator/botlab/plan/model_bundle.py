"""The model that a deployed or exported bundle describes."""

from __future__ import annotations

from collections.abc import Mapping

from ..bundle.model import Application, Bundle, Exposure
from ..bundle.placement import parse_placement
from ..catalogue.model import Charm
from ..juju import Juju
from .constraint_values import constraint_values
from .model import Model, ModelApplication, ModelMachine, ModelUnit
from .platforms import Platforms

_EVERYWHERE = Exposure(cidrs=["0.0.0.0/0", "::/0"])


def model_of(bundle: Bundle, juju: Juju, charms: Mapping[str, Charm] | None = None) -> Model:
    """Return the model of a deployed bundle. Its units are numbered from 0.

    Args:
        bundle: The bundle.
        juju: The release that deployed it.
        charms: The facts of the charms, by application name.
    """
    machines = {
        key: ModelMachine(key, dict(machine.annotations) if machine else {})
        for key, machine in bundle.machines.items()
    }
    platforms = Platforms(bundle, juju, charms or {})
    containers: dict[str, int] = {}
    applications = {
        name: _deployed_application(name, application or Application(), platforms, containers)
        for name, application in bundle.applications.items()
    }
    for application in applications.values():
        for unit in application.units:
            machines.setdefault(unit.machine, ModelMachine(unit.machine))
    relations = [(pair[0], pair[1]) for pair in bundle.relations if len(pair) == 2]
    return Model(applications, machines, relations)


def _deployed_application(
    name: str, application: Application, platforms: Platforms, containers: dict[str, int]
) -> ModelApplication:
    """Return an application of a deployed bundle.

    Args:
        name: Its name.
        application: The application in the bundle.
        platforms: The platforms of the bundle.
        containers: The number of containers of each kind on each machine. It is increased.
    """
    return ModelApplication(
        charm=application.charm,
        channel=application.channel,
        revision=-1 if application.revision is None else application.revision,
        platform=platforms.of_application(name, application, application.charm),
        scale=application.num_units,
        exposed=application.expose or bool(application.exposed_endpoints),
        exposed_endpoints=_exposed_endpoints(application),
        options=dict(application.options),
        annotations=dict(application.annotations),
        constraints=constraint_values(application.constraints),
        offers=list(application.offers),
        units=_placed_units(name, application, containers),
    )


def _exposed_endpoints(application: Application) -> dict[str, Exposure]:
    """Return the exposed endpoints as a model stores them: the endpoint "" stands for all."""
    if application.expose and not application.exposed_endpoints:
        return {"": _EVERYWHERE}
    return dict(application.exposed_endpoints)


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
