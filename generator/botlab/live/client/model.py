"""A model that is used through the ``juju`` program."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...json_values import mapping_of
from ...juju import Juju
from ...model_arguments import model_arguments
from ..errors import CommandFailedError
from ..live_model import DeployOptions, JsonObject
from ..process import ProcessResult, ProcessRunner
from ..results import ActionResult, CallOutput, CommandResult
from ..status.client import read_status
from ..status.model import ModelStatus
from .bundle_files import deployed_files
from .confinement import check_readable
from .controllers import Controller, Model
from .failures import failure
from .json_output import read_json, read_object
from .private_files import private_files, without_values
from .program import JujuProgram
from .tasks import TaskTimedOutError, action_result, command_result, is_unfinished, task_id
from .versions import release_line

DEPLOY_SECONDS = 3600.0
# How much longer than the task itself the program may take.
_MARGIN_SECONDS = 30.0
# Juju 3 and 4, and a command of Juju 2; an action of Juju 2.9.
_TASK_TIMED_OUT = re.compile(r"timed out waiting for result|timeout reached")
_TASK_ID = re.compile(r"Waiting for task (\S+?)\.\.\.")
# The names that Juju 2 has for commands of Juju 3.
_JUJU_2_NAMES = {
    "refresh": "upgrade-charm",
    "integrate": "relate",
    "model-constraints": "get-model-constraints",
}
# What jubilant and Juju give when the exit status of a unit's command is not 0.
_TASK_FAILED = (0, 1)


@dataclass(frozen=True, slots=True)
class Connection:
    """What a model is reached with.

    Attributes:
        program: The program, for this model.
        runner: Runs the program, and is closed with the model.
        controller: The controller.
        model: The model.
        is_confined: Whether the program is a strictly confined snap.
        home: The user's home directory.
    """

    program: JujuProgram
    runner: ProcessRunner
    controller: Controller
    model: Model
    is_confined: bool
    home: Path


class ClientModel:
    """A model that is used through the ``juju`` program.

    Args:
        connection: What the model is reached with.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._program = connection.program
        self._juju = release_line(connection.controller.version)

    @property
    def description(self) -> str:
        """The program with its version, the controller and the model, for people to read."""
        controller = self._connection.controller
        return (
            f"juju client {self.client_version}, controller {controller.name}"
            f" ({controller.version}), model {self._connection.model.name}"
        )

    @property
    def juju(self) -> Juju:
        """The release line of the controller."""
        return self._juju

    @property
    def version(self) -> str:
        """The full version of the controller, such as ``3.6.11``."""
        return self._connection.controller.version

    @property
    def client_version(self) -> str:
        """The version of the juju client."""
        return self._program.client_version

    def close(self) -> None:
        """End the programs that still run."""
        self._connection.runner.close()

    def status(self) -> ModelStatus:
        """Return the state of the model. Times are in UTC."""
        return read_status(self._object("status", "--utc"))

    def deploy(self, bundle: Path, options: DeployOptions) -> CallOutput:
        """Deploy a bundle. Juju gets absolute paths.

        Raises:
            ConfinedFileError: When the snap cannot read one of the files.
        """
        path = bundle.absolute()
        overlays = [overlay.absolute() for overlay in options.overlays]
        if self._connection.is_confined:
            check_readable(deployed_files(path, overlays), self._connection.home)
        arguments = ["deploy", str(path), *_deploy_arguments(options, overlays)]
        return _output(self._program.call(*arguments, seconds=DEPLOY_SECONDS))

    def show_applications(self, names: Sequence[str]) -> JsonObject:
        """Return what ``juju show-application`` prints as JSON for some applications."""
        return self._object("show-application", *names) if names else {}

    def config(self, application: str) -> JsonObject:
        """Return what ``juju config APPLICATION`` prints as JSON."""
        return self._object("config", application)

    def configure(
        self, application: str, values: Mapping[str, str], reset: Sequence[str] = ()
    ) -> None:
        """Set options of an application, and reset others to their defaults.

        The values get to Juju in files, because they may be secrets. All users of the computer
        can see the arguments of a program. (`juju config --file` does not work with Juju 4.)
        """
        if not values and not reset:
            return
        operands = ["--reset", ",".join(reset)] if reset else []
        with private_files(values, self._private_directory()) as files:
            operands += [f"{key}=@{file}" for key, file in files.items()]
            try:
                self._program.call("config", application, *operands)
            except CommandFailedError as error:
                raise without_values(error, values) from None

    def model_config(self) -> JsonObject:
        """Return what ``juju model-config`` prints as JSON."""
        return self._object("model-config")

    def configure_model(self, values: Mapping[str, str]) -> None:
        """Set options of the model."""
        if values:
            self._program.call("model-config", *model_arguments(values, self.juju))

    def model_constraints(self) -> JsonObject:
        """Return what ``juju model-constraints`` prints as JSON."""
        return self._object(self._name("model-constraints"))

    def integrate(self, first: str, second: str) -> None:
        """Relate two endpoints, each written as APPLICATION:ENDPOINT."""
        self._program.integrate(first, second)

    def ssh_keys(self) -> Sequence[str]:
        """Return the fingerprints and comments of the SSH keys of the model."""
        lines = self._program.call("ssh-keys").stdout.splitlines()
        return [line for line in lines if line.strip() and not line.startswith("Keys used in ")]

    def run_action(
        self,
        unit: str,
        action: str,
        parameters: Mapping[str, str] | None = None,
        *,
        seconds: float = 300,
    ) -> ActionResult:
        """Run an action and wait for its result.

        Raises:
            TaskTimedOutError: When the action does not end in time.
        """
        verb = "run-action" if self._program.is_juju_2 else "run"
        call = f"juju {verb} {unit} {action}"
        operands = [unit, action, *_key_values(parameters or {})]
        output = self._run_task(call, unit, seconds, verb, f"--wait={seconds:g}s", *operands)
        document = mapping_of(self._task_document(call, output))
        result = action_result(call, unit, document)
        if is_unfinished(result):
            show = f"juju show-action-output {task_id(document)}"
            raise TaskTimedOutError(call, unit, seconds, show)
        return result

    def execute(self, unit: str, command: Sequence[str], *, seconds: float = 300) -> CommandResult:
        """Run a command as root on the machine of a unit.

        Raises:
            TaskTimedOutError: When the command does not end in time.
        """
        is_juju_2 = self._program.is_juju_2
        verb, limit = ("run", "--timeout") if is_juju_2 else ("exec", "--wait")
        call = f"juju {verb} --unit {unit}"
        operands = [f"{limit}={seconds:g}s", "--unit", unit, "--", *command]
        output = self._run_task(call, unit, seconds, verb, *operands)
        return command_result(call, unit, self._task_document(call, output))

    def read_file(self, unit: str, path: str) -> str:
        """Return the text of a file on the machine of a unit, as the user ``ubuntu`` reads it."""
        if self.juju < Juju.V2_9 and unit.endswith("/leader"):
            # Its `juju ssh` knows no leaders (juju/juju#12662).
            unit = self.status().unit_name(unit)
        return self._program.call("ssh", unit, "cat", shlex.quote(path)).stdout

    def run_client(self, arguments: Sequence[str], *, seconds: float = 300) -> CallOutput:
        """Run a command of the juju client for this model.

        A command that Juju 2 has under another name is translated.
        """
        verb, *operands = arguments
        return _output(self._program.call(self._name(verb), *operands, seconds=seconds))

    def _object(self, verb: str, *operands: str) -> JsonObject:
        output = self._program.call(verb, "--format", "json", *operands)
        return read_object(f"juju {verb}", output.stdout)

    def _name(self, verb: str) -> str:
        return _JUJU_2_NAMES.get(verb, verb) if self._program.is_juju_2 else verb

    def _run_task(
        self, call: str, unit: str, seconds: float, verb: str, *operands: str
    ) -> ProcessResult:
        """Run a command that waits for a task.

        Raises:
            TaskTimedOutError: When the client stops waiting.
        """
        output = self._program.call(
            verb,
            "--format",
            "json",
            *operands,
            seconds=seconds + _MARGIN_SECONDS,
            accepted=_TASK_FAILED,
        )
        if _TASK_TIMED_OUT.search(output.stderr):
            raise TaskTimedOutError(call, unit, seconds, self._show_task(output.stderr))
        return output

    def _show_task(self, progress: str) -> str:
        """Return the command that shows a task later."""
        if self._program.is_juju_2:
            return "juju show-action-status"
        task = _TASK_ID.search(progress)
        return f"juju show-task {task[1]}" if task else "juju operations"

    def _task_document(self, call: str, output: ProcessResult) -> Any:
        """Return what the client printed about a task.

        Raises:
            LiveError: When it printed nothing, because there is no such unit or action.
        """
        # Juju 4 prints an empty object beside an error.
        document = read_json(call, output.stdout) if output.stdout.strip() else None
        if not document:
            raise failure(call, output, self._program.model or "")
        return document

    def _private_directory(self) -> Path | None:
        is_confined = self._connection.is_confined
        return self._connection.home / "snap/juju/common" if is_confined else None


def _deploy_arguments(options: DeployOptions, overlays: Sequence[Path]) -> list[str]:
    arguments: list[str] = []
    for overlay in overlays:
        arguments += ["--overlay", str(overlay)]
    if options.map_machines:
        arguments.append(f"--map-machines={options.map_machines}")
    flags = {"--dry-run": options.dry_run, "--trust": options.trust, "--force": options.force}
    return arguments + [flag for flag, is_set in flags.items() if is_set]


def _output(result: ProcessResult) -> CallOutput:
    return CallOutput(result.stdout, result.stderr)


def _key_values(values: Mapping[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in values.items()]
