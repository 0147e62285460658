"""Commands of Juju for people to run on the model that a command of botlab used."""

from __future__ import annotations

from ..shell import juju_command
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
    model = f"{status.controller}:{status.name}" if status.controller else status.name
    return juju_command(verb, *operands, options=("-m", model, *options))
