"""Opens a model through the ``juju`` program."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelMissingError
from ..process import ProcessRunner
from .controllers import Controller, Model, check_client, show_controller, show_model
from .installation import Installation, find_installation
from .model import ClientModel, Connection
from .program import JujuProgram


def open_client_model(model: str, controller: str) -> ClientModel:
    """Open a model through the installed program.

    Args:
        model: The name of the model; empty for the current one. It may begin with the name of
            its controller and a colon.
        controller: The name of the controller; empty for the current one.

    Raises:
        LiveError: When the program is missing or too old, or the controller or the model cannot
            be used.
    """
    installation = find_installation()
    runner = ProcessRunner()
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
    prefix, _, short_name = name.rpartition(":")
    controller_name = prefix or controller_name
    controller = _checked_controller(program, controller_name) if controller_name else None
    if controller is not None:
        short_name = short_name or _current_model(controller)
        program.model = f"{controller.name}:{short_name}"
    elif short_name:
        program.model = short_name
    model = show_model(program)
    controller = controller or _checked_controller(program, model.controller)
    program.model = Model(model.name, controller.name).argument
    is_confined = installation.is_confined(program.client_version)
    return ClientModel(Connection(program, runner, controller, model, is_confined, Path.home()))


def _checked_controller(program: JujuProgram, name: str) -> Controller:
    controller = show_controller(program, name)
    check_client(program.client_version, controller)
    return controller


def _current_model(controller: Controller) -> str:
    if not controller.current_model:
        raise ModelMissingError(
            "",
            f"controller {controller.name} has no current model; create one with `juju add-model"
            f" -c {controller.name} NAME`, or name one with --model",
        )
    return controller.current_model
