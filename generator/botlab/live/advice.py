"""Commands of Juju for people to run on the model that a command of botlab used."""

from __future__ import annotations

from ..shell import command_line, juju_command
from .status.model import ModelStatus


def model_command(
    status: ModelStatus, verb: str, *operands: str, options: tuple[str, ...] = ()
) -> str:
    """Return a command of Juju that names its model.

    Without the name, the command would change the current model of the client, which need not be
    the model that botlab used.

    Args:
        status: The state of the model.
        verb: The name of the command, such as ``config``.
        operands: The arguments besides the options.
        options: The options and their arguments.
    """
    return juju_command(verb, *operands, options=("-m", _model_name(status), *options))


def ssh_command(status: ModelStatus, unit: str, *words: str) -> str:
    """Return the command that runs a program on the machine of a unit.

    ``juju ssh`` takes options behind the unit for arguments of the program.

    Args:
        status: The state of the model.
        unit: The unit.
        words: The program and its arguments.
    """
    return command_line("juju", "ssh", "-m", _model_name(status), unit, *words)


def _model_name(status: ModelStatus) -> str:
    return f"{status.controller}:{status.name}" if status.controller else status.name
