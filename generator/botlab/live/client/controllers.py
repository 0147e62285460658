"""The controller and the model that the program names."""

from __future__ import annotations

from dataclasses import dataclass

from ...json_values import mapping_of, text_of
from ..errors import UnsupportedError
from .json_output import DamagedOutputError, read_object
from .program import JujuProgram
from .versions import major


class ClientTooOldError(UnsupportedError):
    """The installed client is older than the major version of the controller."""


@dataclass(frozen=True, slots=True)
class Controller:
    """A controller.

    Attributes:
        name: Its name in the client.
        version: The version of its agent.
        current_model: The model that is current for it, as USER/MODEL; empty for none.
    """

    name: str
    version: str
    current_model: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model.

    Attributes:
        name: Its name, with the owner if the program names it.
        controller: The name of its controller.
        version: The version of its agents.
    """

    name: str
    controller: str
    version: str


def show_controller(program: JujuProgram, name: str = "") -> Controller:
    """Return a controller. The call connects to it.

    Args:
        program: The program.
        name: The controller's name; empty for the current one.

    Raises:
        LiveError: When the client does not know it, or it does not answer.
    """
    operands = ["--format", "json", *([name] if name else [])]
    call = "juju show-controller"
    document = read_object(
        call, program.call("show-controller", *operands, has_model=False).stdout
    )
    for key, value in document.items():
        facts = mapping_of(value)
        version = text_of(mapping_of(facts.get("details")).get("agent-version"))
        return Controller(key, version, text_of(facts.get("current-model")))
    raise DamagedOutputError(call, "it names no controller")


def show_model(program: JujuProgram) -> Model:
    """Return the model of the program. It is an argument of this command, and not an option.

    Raises:
        ModelMissingError: When the controller does not have it.
        LiveError: When the controller does not answer.
    """
    call = "juju show-model"
    operands = ["--format", "json", *([program.model] if program.model else [])]
    document = read_object(call, program.call("show-model", *operands, has_model=False).stdout)
    for key, value in document.items():
        facts = mapping_of(value)
        return Model(
            text_of(facts.get("name")) or key,
            text_of(facts.get("controller-name")),
            text_of(facts.get("agent-version")),
        )
    raise DamagedOutputError(call, "it names no model")


def check_client(client_version: str, controller: Controller) -> None:
    """Check that the program can talk to a controller.

    Raises:
        ClientTooOldError: When the program is older than the controller's major version.
    """
    needed = major(controller.version)
    if major(client_version) >= needed:
        return
    line = ".".join(controller.version.split(".")[:2])
    raise ClientTooOldError(
        f"the juju client {client_version} is too old for controller {controller.name}"
        f" ({controller.version}); install a newer one with `sudo snap refresh juju --channel"
        f" {line}/stable`"
    )
