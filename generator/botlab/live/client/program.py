"""Runs the ``juju`` program."""

from __future__ import annotations

import re

import jubilant_backports

from ...shell import command_line
from ..errors import ClientMissingError
from ..process import ProcessResult, ProcessRunner, Program
from .failures import failure
from .installation import Installation

CALL_SECONDS = 60.0
# `juju version` appends the platform: 3.6.11-ubuntu-amd64, 4.0-beta1-genericlinux-amd64.
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+|-(?:alpha|beta|rc)\d+)*")


class JujuProgram(jubilant_backports.Juju):
    """jubilant's class, whose calls have a time limit and leave no process behind.

    jubilant has no public way to do that. All its methods run the program through the private
    method ``_cli``, which is replaced here. A test compares its signature with jubilant's.

    Args:
        installation: The installed program.
        runner: Runs it.
        model: The model, such as ``controller:admin/model``; None for the current one.

    Attributes:
        client_version: The version of the program, such as ``3.6.11``.

    Raises:
        ClientMissingError: When the program cannot be started, or is another one.
    """

    def __init__(
        self, installation: Installation, runner: ProcessRunner, model: str | None = None
    ) -> None:
        self._runner = runner
        self._environment = installation.environment
        self.client_version = ""
        try:
            super().__init__(model=model, cli_binary=installation.path)
        except (ValueError, AttributeError) as error:  # jubilant's reading of `juju version`
            raise ClientMissingError(
                f"{installation.path} is not a juju client: `juju version --format json` prints"
                f" {self.client_version!r}; check which program PATH finds first"
            ) from error

    @property
    def is_juju_2(self) -> bool:
        """Whether the program has the commands of Juju 2, such as ``run-action``."""
        return self._is_juju_2

    def call(
        self,
        *arguments: str,
        seconds: float = CALL_SECONDS,
        has_model: bool = True,
        accepted: tuple[int, ...] = (0,),
    ) -> ProcessResult:
        """Run a command.

        Args:
            arguments: The command and its arguments, without secrets.
            seconds: The time limit.
            has_model: Whether the command gets the option ``--model``.
            accepted: The exit statuses that are not a failure.

        Raises:
            LiveError: When the command fails, or does not end in time.
        """
        return self._run(arguments, seconds, has_model, accepted, "")

    def _cli(
        self,
        *args: str,
        include_model: bool = True,
        stdin: str | None = None,
        log: bool = True,
    ) -> tuple[str, str]:
        """Run a command for one of jubilant's own methods. Nothing is logged."""
        del log
        result = self._run(args, CALL_SECONDS, include_model, (0,), stdin or "")
        if args[0] == "version":
            self.client_version = _short_version(result.stdout)
        return result.stdout, result.stderr

    def _run(
        self,
        arguments: tuple[str, ...],
        seconds: float,
        has_model: bool,
        accepted: tuple[int, ...],
        stdin: str,
    ) -> ProcessResult:
        verb, *operands = arguments
        model = ["--model", self.model] if has_model and self.model else []
        call = command_line("juju", verb)
        words = [self.cli_binary, verb, *model, *operands]
        program = Program(words, call, stdin, self._environment)
        try:
            result = self._runner.run(program, seconds)
        except OSError as error:
            raise ClientMissingError(
                f"{self.cli_binary}: cannot start the program: {error.strerror}; reinstall it with"
                " `sudo snap install juju`"
            ) from error
        if result.status not in accepted:
            raise failure(call, result, self.model or "")
        return result


def _short_version(output: str) -> str:
    match = _VERSION.search(output)
    return match[0] if match else " ".join(output.split())[:80]
