"""The commands: each module has those of one subject, as functions of the state and the call."""

from __future__ import annotations

import importlib

from ..arguments import Arguments
from ..output import Output
from ..store import JsonObject

_MODULES = {
    "controllers": "version whoami controllers show-controller models show-model switch add-model "
    "destroy-model change-user-password create-backup add-user grant",
    "status": "status show-application show-unit machines show-machine show-status-log debug-log",
    "configuration": "config model-config model-constraints get-model-constraints "
    "set-model-constraints constraints get-constraints set-constraints trust expose "
    "unexpose",
    "deployment": "deploy refresh upgrade-charm attach-resource resources",
    "topology": "integrate add-relation remove-relation add-unit remove-unit remove-application "
    "add-machine remove-machine resolved",
    "actions": "actions run-action run exec show-action-output show-action-status show-task "
    "show-operation",
    "remote": "ssh scp ssh-keys add-ssh-key",
    "inventory": "export-bundle subnets spaces offers storage",
    "secrets": "secrets show-secret add-secret update-secret grant-secret",
}
# Functions whose names would hide a builtin function end with an underscore.
_KEYWORDS = ("exec",)
_MODULE_OF = {command: module for module, names in _MODULES.items() for command in names.split()}


def run_command(state: JsonObject, arguments: Arguments) -> Output:
    """Run a command, and return its answer.

    Args:
        state: The state; the command changes it.
        arguments: The call.

    Raises:
        CommandError: The command fails.
    """
    module = importlib.import_module(f".{_MODULE_OF[arguments.command]}", __name__)
    name = arguments.command.replace("-", "_")
    function = getattr(module, f"{name}_" if name in _KEYWORDS else name)
    return function(state, arguments)
