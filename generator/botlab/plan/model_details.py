"""The documents that add to a status: ``juju show-application`` and ``juju config``."""

from __future__ import annotations

from ..juju import Juju
from .constraint_values import values_of_mapping
from .model import Model, ModelApplication
from .model_status import JsonObject, exposed_endpoints, objects


def add_applications(model: Model, document: JsonObject) -> None:
    """Add the constraints and exposures of a ``juju show-application`` to a model."""
    for name, fields in objects(document).items():
        application = model.applications.get(name)
        if application is not None:
            _add_application(application, fields)


def _add_application(application: ModelApplication, fields: JsonObject) -> None:
    if application.units:
        application.constraints = values_of_mapping(objects(fields).get("constraints") or {})
    application.exposed_endpoints = exposed_endpoints(fields)
    if not application.channel:
        application.channel = str(fields.get("channel") or "")


def add_options(model: Model, document: JsonObject, juju: Juju) -> None:
    """Add the options of a ``juju config APPLICATION`` to a model.

    From 2.9 on, Juju compares with every value of the model that is set, defaults included. 2.6
    compares with the values of the user only (``applicationConfigValue``).
    """
    application = model.applications.get(str(document["application"]))
    if application is not None:
        settings = objects(document.get("settings"))
        application.options = {
            name: _value(setting, juju)
            for name, setting in settings.items()
            if _counts(setting, juju)
        }


def _counts(setting: JsonObject, juju: Juju) -> bool:
    if setting.get("value") is None:
        return False
    source = setting.get("source")
    return source == "user" if juju < Juju.V2_9 else source != "unset"


def _value(setting: JsonObject, juju: Juju) -> object:
    """Return the value of an option with its type in Go after it came as JSON.

    All numbers are floats. 4.0 makes those of integer options integers again
    (``coerceConfigType``).
    """
    value = setting["value"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    is_int = setting.get("type") == "int" and juju >= Juju.V4_0
    return int(value) if is_int else float(value)


def add_bundle(model: Model, bundle: Model) -> None:
    """Add what no other document contains from the model of a deployed or exported bundle."""
    for name, application in model.applications.items():
        deployed = bundle.applications.get(name)
        if deployed is None:
            continue
        if application.options is None:
            application.options = deployed.options
        if application.annotations is None:
            application.annotations = deployed.annotations
        if application.constraints is None:
            application.constraints = deployed.constraints
    for name, machine in model.machines.items():
        if machine.annotations is None and name in bundle.machines:
            machine.annotations = bundle.machines[name].annotations
