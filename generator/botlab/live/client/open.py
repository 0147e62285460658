"""Opens a model through the ``juju`` program."""

from __future__ import annotations

from collections.abc import Mapping

from ...shell import command_line
from ..errors import ModelMissingError
from ..process import ProcessRunner
from ..time_limits import Deadline
from .controllers import Controller, check_client, show_controller, show_model
from .installation import Installation, find_installation
from .model import ClientModel, Connection
from .program import JujuProgram


def open_client_model(
    model: str, controller: str, environment: Mapping[str, str], deadline: Deadline
) -> ClientModel:
    """Open a model through the installed program.

    Args:
        model: The name of the model; empty for the current one. It may begin with the name of
            its controller and a colon.
        controller: The name of the controller; empty for the current one.
        environment: The environment of the program.
        deadline: When all calls are ended.

    Raises:
        LiveError: When the program is missing or too old, or the controller or the model cannot
            be used.
    """
    installation = find_installation(environment)
    runner = ProcessRunner(deadline)
    runner.open()
    try:
        return _open(installation, runner, model, controller)
    except BaseException:
        runner.close()
        raise


def _open(
    installation: Installation, runner: ProcessRunner, name: str, controller_name: str
) -> ClientModel:
    program = JujuProgram(installation, runner)
    prefix, _, model_name = name.rpartition(":")
    controller_name = prefix or controller_name
    if controller_name:
        controller = _controller(program, controller_name)
        program.model = f"{controller_name}:{model_name or _current_model(controller)}"
        model = show_model(program)
    else:
        program.model = model_name or None
        model = show_model(program)
        controller = _controller(program, model.controller)
    program.model = f"{controller.name}:{model.name}"
    if not controller.version:  # the user may not see it
        controller = Controller(controller.name, model.version, controller.current_model)
    is_confined = installation.is_confined(program.client_version)
    return ClientModel(
        Connection(program, runner, controller, model, is_confined, installation.home)
    )


def _controller(program: JujuProgram, name: str) -> Controller:
    """Return a controller that the program can talk to."""
    controller = show_controller(program, name)
    check_client(program.client_version, controller)
    return controller


def _current_model(controller: Controller) -> str:
    if not controller.current_model:
        create = command_line("juju", "add-model", "-c", controller.name, "NAME")
        raise ModelMissingError(
            "",
            f"controller {controller.name} has no current model; create one with `{create}`, or"
            " name one with --model",
        )
    return controller.current_model
