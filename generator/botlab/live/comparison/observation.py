"""Everything about a model that a comparison needs, read at one moment."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ...bundle.model import Bundle
from ...juju import Juju
from ...plan.constraint_values import values_of_mapping
from ...plan.model import Model
from ...plan.model_details import add_applications, add_options
from ...plan.model_status import model_of_status, objects
from ..errors import CommandFailedError, UnsupportedError
from ..live_model import JsonObject, LiveModel
from ..parallel import call_all
from ..status.model import ModelStatus
from ..time_limits import Deadline, deadline_error

# A controller serves few requests at a time, and each call of the client is a process.
_PARALLEL_CALLS = 4
# What a model lacks, and not the controller.
_UNREADABLE = (CommandFailedError, UnsupportedError)


@dataclass(frozen=True, slots=True)
class Observation:
    """A model at one moment.

    Attributes:
        juju: The release line of the controller.
        status: Its status.
        details: What ``juju show-application`` prints, by application.
        configs: What ``juju config`` prints, by application of the bundle.
        resources: What ``juju resources`` prints, by application with resources.
        constraints: The constraints of the model.
        notes: What could not be read.
    """

    juju: Juju
    status: ModelStatus
    details: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    configs: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    resources: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    constraints: JsonObject = field(default_factory=dict[str, Any])
    notes: tuple[str, ...] = ()

    @property
    def nodes(self) -> Mapping[str, JsonObject]:
        """The applications of the status document by name."""
        return objects(self.status.document.get("applications"))

    def settings(self, application: str) -> Mapping[str, JsonObject] | None:
        """Return the options of an application; None if they could not be read."""
        config = self.configs.get(application)
        return None if config is None else objects(config.get("settings"))

    def plan_model(self) -> Model:
        """Return the model in the form that plans are made for."""
        empty: dict[str, Any] = {"applications": {}, "machines": {}}
        model = model_of_status({**empty, **self.status.document}, self.juju)
        add_applications(model, self.details)
        for config in self.configs.values():
            add_options(model, config, self.juju)
        model.constraints = values_of_mapping(self.constraints)
        return model


def observe(live: LiveModel, bundle: Bundle, deadline: Deadline) -> Observation:
    """Read a model.

    Args:
        live: The model.
        bundle: The bundle to compare with. The options of other applications are not read.
        deadline: The end of the time that the user allowed.

    Raises:
        LiveError: When the controller or the model cannot be used, or the time is over.
    """
    status = live.status()
    details, unknown = _details(live, list(status.applications), deadline)
    if unknown:
        # An application can have been removed since the status was read.
        status = live.status()
        unknown = [name for name in unknown if name in status.applications]
    names = list(status.applications)
    deployed = [name for name in names if bundle.applications.get(name)]
    configs, unread = _read_each(deployed, live.config, deadline)
    with_resources = [name for name in deployed if _has_resources(bundle, name)]
    resources, _ = _read_each(with_resources, lambda name: _resources(live, name), deadline)
    return Observation(
        live.juju,
        status,
        details,
        configs,
        resources,
        live.model_constraints(),
        tuple(_notes(unknown, unread)),
    )


def _details(
    live: LiveModel, names: list[str], deadline: Deadline
) -> tuple[JsonObject, list[str]]:
    """Return what ``juju show-application`` prints, and the names for which it prints nothing.

    If one of several applications does not exist, Juju prints nothing about the others.
    """
    try:
        return live.show_applications(names) if names else dict[str, Any](), []
    except _UNREADABLE:
        documents, unknown = _read_each(
            names, lambda name: live.show_applications([name]), deadline
        )
    details = {name: body for document in documents.values() for name, body in document.items()}
    return details, unknown


def _notes(unknown: list[str], unread: list[str]) -> Iterable[str]:
    if unknown:
        yield f"constraints, exposed endpoints and bindings of {', '.join(unknown)} are not known"
    if unread:
        yield f"the options of {', '.join(unread)} are not known"


def _has_resources(bundle: Bundle, name: str) -> bool:
    application = bundle.applications[name]
    return application is not None and bool(application.resources)


def _resources(live: LiveModel, name: str) -> JsonObject:
    output = live.run_client(["resources", name, "--format", "json"])
    try:
        document = json.loads(output.stdout)
    except ValueError:
        raise UnsupportedError(f"juju resources {name}: the output is not JSON") from None
    return cast("JsonObject", document) if isinstance(document, dict) else {}


def _read_each(
    names: Sequence[str], read: Callable[[str], JsonObject], deadline: Deadline
) -> tuple[dict[str, JsonObject], list[str]]:
    """Return what a function reads for each name, and the names that cannot be read.

    Raises:
        DeadlineError: When the time is over before all names are read.
    """
    calls = [functools.partial(_read, read, name) for name in names]
    outcomes = call_all(calls, deadline, limit=_PARALLEL_CALLS)
    documents: dict[str, JsonObject] = {}
    for name, outcome in zip(names, outcomes, strict=True):
        if outcome is None:
            raise deadline_error()
        document = outcome.value()
        if document is not None:
            documents[name] = document
    return documents, [name for name in names if name not in documents]


def _read(read: Callable[[str], JsonObject], name: str) -> JsonObject | None:
    try:
        return read(name)
    except _UNREADABLE:
        return None
