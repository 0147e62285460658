"""The interface through which botlab uses a model on a controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..juju import Juju
from .results import ActionResult, CallOutput, CommandResult
from .status.model import ModelStatus

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """The options of ``juju deploy`` for a bundle.

    Attributes:
        overlays: Overlay files.
        dry_run: Whether Juju only prints the changes.
        map_machines: The value of ``--map-machines``; empty for none.
        trust: Whether applications may get access to the cloud's credentials.
        force: Whether Juju skips its own checks.
    """

    overlays: Sequence[Path] = ()
    dry_run: bool = False
    map_machines: str = ""
    trust: bool = False
    force: bool = False


class LiveModel(Protocol):
    """A model on a controller.

    Every method raises a :class:`~botlab.live.errors.LiveError` when the controller cannot be
    used, and ends within its time limit. A method that a backend or a Juju release cannot serve
    raises :class:`~botlab.live.errors.UnsupportedError`.
    """

    @property
    def description(self) -> str:
        """The backend with its version, the controller and the model, for people to read."""
        ...

    @property
    def juju(self) -> Juju:
        """The release line of the controller."""
        ...

    @property
    def version(self) -> str:
        """The full version of the controller, such as ``3.6.11``."""
        ...

    @property
    def client_version(self) -> str:
        """The version of the juju client; empty for a backend without a client."""
        ...

    def close(self) -> None:
        """End the connection, and every process that belongs to it."""
        ...

    def status(self) -> ModelStatus:
        """Return the state of the model."""
        ...

    def deploy(self, bundle: Path, options: DeployOptions) -> CallOutput:
        """Deploy a bundle.

        Args:
            bundle: The bundle's file.
            options: The options of the deployment.
        """
        ...

    def show_applications(self, names: Sequence[str]) -> JsonObject:
        """Return what ``juju show-application`` prints as JSON for some applications."""
        ...

    def config(self, application: str) -> JsonObject:
        """Return what ``juju config APPLICATION`` prints as JSON."""
        ...

    def configure(
        self, application: str, values: Mapping[str, str], reset: Sequence[str] = ()
    ) -> None:
        """Set options of an application, and reset others to their defaults."""
        ...

    def model_config(self) -> JsonObject:
        """Return what ``juju model-config`` prints as JSON."""
        ...

    def configure_model(self, values: Mapping[str, str]) -> None:
        """Set options of the model."""
        ...

    def model_constraints(self) -> JsonObject:
        """Return what ``juju model-constraints`` prints as JSON."""
        ...

    def integrate(self, first: str, second: str) -> None:
        """Relate two endpoints, each written as APPLICATION:ENDPOINT."""
        ...

    def ssh_keys(self) -> Sequence[str]:
        """Return the fingerprints or comments of the SSH keys of the model."""
        ...

    def run_action(
        self,
        unit: str,
        action: str,
        parameters: Mapping[str, str] | None = None,
        *,
        seconds: float = 300,
    ) -> ActionResult:
        """Run an action and wait for its result.

        Args:
            unit: The unit, or ``APPLICATION/leader``.
            action: The name of the action.
            parameters: Its parameters.
            seconds: How long to wait for the result.
        """
        ...

    def execute(self, unit: str, command: Sequence[str], *, seconds: float = 300) -> CommandResult:
        """Run a command as root on the machine of a unit.

        Args:
            unit: The unit, or ``APPLICATION/leader``.
            command: The program and its arguments.
            seconds: How long to wait for its end.
        """
        ...

    def read_file(self, unit: str, path: str) -> str:
        """Return the text of a file on the machine of a unit, as the user ``ubuntu`` reads it."""
        ...

    def run_client(self, arguments: Sequence[str], *, seconds: float = 300) -> CallOutput:
        """Run a command of the juju client for this model.

        Args:
            arguments: The command and its arguments, without ``juju`` and ``--model``.
            seconds: How long to wait for its end.
        """
        ...
