"""The model that python-libjuju is connected to."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...json_values import list_of, mapping_of, text_of
from ...juju import Juju
from ..errors import CommandFailedError, UnsupportedError
from ..live_model import DeployOptions, JsonObject
from ..results import ActionResult, CallOutput, CommandResult
from ..status.client import read_status
from ..status.facade import client_document
from ..status.model import ModelStatus
from ..time_limits import Deadline
from .actions import (
    action_result,
    command_result,
    enqueue_method,
    finished_action,
    started_action,
)
from .api import ModelApi, entities
from .documents import application_config, model_config, show_application

_DEPLOY_SECONDS = 1800.0
_POLL_SECONDS = 0.5


class LibjujuModel:
    """A :class:`~botlab.live.live_model.LiveModel` through python-libjuju.

    Args:
        api: The facades of the model.
        controller: The name of the controller; empty if it is not known.
        library: The version of python-libjuju.
        sleep: Waits for a number of seconds.
    """

    client_version = ""

    def __init__(
        self,
        api: ModelApi,
        controller: str,
        library: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._controller = controller
        self._library = library
        self._sleep = sleep
        self.version = api.server_version
        self.juju = Juju.parse(_release_line(self.version))

    @property
    def description(self) -> str:
        """The backend with its version, the controller and the model, for people to read."""
        controller = f"{self._controller} ({self.version})" if self._controller else self.version
        model = self._api.model.uuid
        return f"python-libjuju {self._library}, controller {controller}, model {model}"

    def close(self) -> None:
        """Disconnect, and end the thread of the event loop."""
        self._api.close()

    def status(self) -> ModelStatus:
        """Return the state of the model."""
        facade = self._api.call("Client", "FullStatus", {"patterns": []})
        return read_status(client_document(facade, self._controller))

    def deploy(self, bundle: Path, options: DeployOptions) -> CallOutput:
        """Deploy a bundle.

        Args:
            bundle: The bundle's file.
            options: The options of the deployment. python-libjuju has no dry run, and no map of
                machines.
        """
        if options.dry_run or options.map_machines:
            option = "--dry-run" if options.dry_run else "--map-machines"
            raise UnsupportedError(f"python-libjuju has no {option}; use --backend client")
        self._api.deploy(
            str(bundle.resolve()),
            {
                "overlays": [str(path.resolve()) for path in options.overlays],
                "trust": options.trust,
                "force": options.force,
            },
            seconds=_DEPLOY_SECONDS,
        )
        return CallOutput("", "Deploy of bundle completed.\n")

    def show_applications(self, names: Sequence[str]) -> JsonObject:
        """Return the applications in the form of ``juju show-application``."""
        tags = entities(*(f"application-{name}" for name in names))
        return show_application(self._api.call("Application", "ApplicationsInfo", tags))

    def config(self, application: str) -> JsonObject:
        """Return the options in the form of ``juju config APPLICATION``."""
        parameters = {"application": application, "branch": "master"}
        return application_config(self._api.call("Application", "Get", parameters))

    def configure(
        self, application: str, values: Mapping[str, str], reset: Sequence[str] = ()
    ) -> None:
        """Set options of an application, and reset others to their defaults."""
        if values:
            change = {"application": application, "generation": "master", "config": dict(values)}
            self._api.call("Application", "SetConfigs", {"Args": [change]})
        if reset:
            change = {"application": application, "branch": "master", "options": list(reset)}
            self._api.call("Application", "UnsetApplicationsConfig", {"Args": [change]})

    def model_config(self) -> JsonObject:
        """Return the options in the form of ``juju model-config``."""
        return model_config(self._api.call("ModelConfig", "ModelGet"))

    def configure_model(self, values: Mapping[str, str]) -> None:
        """Set options of the model."""
        self._api.call("ModelConfig", "ModelSet", {"config": dict(values)})

    def model_constraints(self) -> JsonObject:
        """Return the constraints in the form of ``juju model-constraints``."""
        facade = "ModelConfig" if self.juju >= Juju.V3_6 else "Client"
        return mapping_of(self._api.call(facade, "GetModelConstraints").get("constraints"))

    def integrate(self, first: str, second: str) -> None:
        """Relate two endpoints."""
        parameters: dict[str, Any] = {"endpoints": [first, second], "via-cidrs": []}
        self._api.call("Application", "AddRelation", parameters)

    def ssh_keys(self) -> Sequence[str]:
        """Return the fingerprints of the SSH keys of the model."""
        tag = f"model-{self._api.model.uuid}"
        parameters = {"entities": entities(tag), "mode": False}
        answer = self._api.call("KeyManager", "ListKeys", parameters)
        results = [mapping_of(entry) for entry in list_of(answer.get("results"))]
        return [text_of(key) for entry in results for key in list_of(entry.get("result"))]

    def run_action(
        self,
        unit: str,
        action: str,
        parameters: Mapping[str, str] | None = None,
        *,
        seconds: float = 300,
    ) -> ActionResult:
        """Run an action and wait for its result."""
        name = self._unit(unit)
        request = {
            "receiver": _unit_tag(name),
            "name": action,
            "parameters": dict(parameters or {}),
        }
        method = enqueue_method(self._api.version("Action"))
        answer = self._api.call("Action", method, {"actions": [request]})
        tag = started_action(f"action {action} on {name}", answer)
        return action_result(name, self._finished(tag, f"action {action} on {name}", seconds))

    def execute(self, unit: str, command: Sequence[str], *, seconds: float = 300) -> CommandResult:
        """Run a command as root on the machine of a unit."""
        name = self._unit(unit)
        parameters = {
            "commands": shlex.join(command),
            "timeout": int(seconds * 10**9),
            "units": [name],
            "applications": [],
            "machines": [],
        }
        answer = self._api.call("Action", "Run", parameters)
        call = f"exec on {name}"
        return command_result(name, self._finished(started_action(call, answer), call, seconds))

    def _finished(self, tag: str, call: str, seconds: float) -> Mapping[str, Any]:
        """Wait until an action has ended, and return its entry."""
        deadline = Deadline(seconds)
        while True:
            entry = finished_action(self._api.call("Action", "Actions", entities(tag)))
            if entry is not None:
                return entry
            if deadline.is_over:
                number = tag.removeprefix("action-")
                raise CommandFailedError(
                    call,
                    1,
                    f"no result after {seconds:g} seconds; it goes on as task {number}",
                )
            self._sleep(min(_POLL_SECONDS, deadline.remaining or _POLL_SECONDS))

    def _unit(self, unit: str) -> str:
        """Return a unit, for ``APPLICATION/leader`` the leader."""
        return self.status().unit_name(unit) if unit.endswith("/leader") else unit

    def read_file(self, unit: str, path: str) -> str:
        """Refuse: python-libjuju reads files only as results, which the controller stores."""
        raise UnsupportedError(
            f"{unit}: python-libjuju cannot read {path} without storing its text on the"
            " controller; use --backend client"
        )

    def run_client(self, arguments: Sequence[str], *, seconds: float = 300) -> CallOutput:
        """Refuse: there is no client."""
        del seconds
        raise UnsupportedError(
            f"juju {arguments[0]}: python-libjuju has no such command; use --backend client"
        )


def _unit_tag(unit: str) -> str:
    """Return the tag of a unit (juju/names ``NewUnitTag``)."""
    return f"unit-{unit.replace('/', '-')}"


def _release_line(version: str) -> str:
    """Return the supported release line whose facades a controller has: 3.1 to 3.6 are alike."""
    return "3.6" if version.startswith("3.") else version
