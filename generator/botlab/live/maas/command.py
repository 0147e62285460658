"""The ``maas`` command."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from ...shell import command_line
from ..errors import ClientMissingError, CommandFailedError
from ..process import ProcessRunner, Program

_SECONDS = 60


def run_maas(arguments: Sequence[str]) -> str:
    """Run the maas command, and return its standard output.

    Args:
        arguments: The command with its arguments, of which the first one is the profile.

    Raises:
        LiveError: When the command is not installed, fails, or takes too long.
    """
    if shutil.which(arguments[0]) is None:
        raise ClientMissingError(
            f"--maas {arguments[1]}: is not a file, and the maas command, which knows profiles, is"
            " not installed; install it with `sudo snap install maas`, or name files with its"
            " output"
        )
    call = command_line(*arguments)
    runner = ProcessRunner()
    runner.open()
    try:
        ended = runner.run(Program(arguments, call), _SECONDS)
    finally:
        runner.close()
    if ended.status:
        raise CommandFailedError(call, ended.status, ended.stderr or ended.stdout)
    return ended.stdout
