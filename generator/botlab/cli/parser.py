"""The arguments of all commands.

This module does not import the packages that do the work, so that ``--help`` is fast.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from .. import __version__
from ..visible_text import visible
from .arguments import (
    EXIT_STATUS,
    JUJU_HELP,
    JUJU_OVERRIDE_HELP,
    Commands,
    add_command,
    add_format,
    add_input,
    add_merged_files,
)
from .live_parser import LIVE_COMMANDS, add_live_options
from .output import write

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class _Parser(argparse.ArgumentParser):
    """A parser that prints as the commands do.

    Its error messages show unprintable characters of the arguments as escapes. A help text that
    cannot be printed is an error.
    """

    def error(self, message: str) -> NoReturn:
        """Print the usage and a message, and exit with status 2."""
        super().error(visible(message))

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        write(message, sys.stderr if file is sys.stderr else sys.stdout)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser. Each command sets ``run`` to the function that runs it."""
    parser = _Parser(
        prog="botlab",
        description="Make a checked Juju bundle and the plan of its deployment from a site file.",
        epilog=f"{EXIT_STATUS}. To start, run: botlab init mylab",
    )
    parser.add_argument("--version", action="version", version=f"botlab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_init, _validate, _render, _plan, _diff):
        add(commands)
    for add in LIVE_COMMANDS:
        add(commands)
    for add in (_schema, _explain, _completion):
        add(commands)
    return parser


def _init(commands: Commands) -> None:
    command = add_command(commands, "init", "write a commented site file to start from")
    command.add_argument("name", metavar="NAME", help="name of the site")
    command.add_argument("--juju", metavar="VERSION", help=JUJU_HELP)
    command.add_argument(
        "--maas",
        metavar="MACHINES",
        help="take the machines from a file with the output of `maas PROFILE machines read`",
    )
    command.add_argument(
        "--output", "-o", metavar="FILE", help="file to write (NAME.yaml); - prints the text"
    )


def _validate(commands: Commands) -> None:
    command = add_command(commands, "validate", "check a site or a bundle and print all findings")
    add_input(command)
    add_format(command)


def _render(commands: Commands) -> None:
    command = add_command(commands, "render", "write the bundle of a site that has no errors")
    add_input(command, "SITE")
    command.add_argument(
        "--output",
        "-o",
        metavar="FILE",
        help="bundle to write (bundle.yaml in the site's directory); - prints the bundle",
    )
    command.add_argument(
        "--force",
        action="store_true",
        help="replace a file that botlab did not write, and keep it as FILE.orig",
    )


def _plan(commands: Commands) -> None:
    command = add_command(
        commands, "plan", "print what juju deploy would do, without a controller"
    )
    command.epilog = (
        "Like juju deploy, the command prints the changes (lines that begin with `- `) and their"
        " heading on standard output, and everything else on standard error: warnings of Juju,"
        " located charms, added resources, and notes about facts that are not known."
        f" {EXIT_STATUS}"
    )
    add_input(command)
    command.add_argument(
        "--executed",
        action="store_true",
        help="print the output of a real deploy instead of that of --dry-run",
    )
    command.add_argument(
        "--model",
        metavar="FILE",
        action="append",
        default=[],
        help="file that describes the existing model to plan for (can be repeated): the output of"
        " juju status --format json, and beside it of juju show-application, juju config"
        " APPLICATION and juju model-constraints (each with --format json), or a bundle",
    )
    command.add_argument(
        "--model-constraints",
        metavar="CONSTRAINTS",
        default="",
        help="constraints of the model, such as arch=amd64",
    )
    command.add_argument(
        "--map-machines",
        metavar="MAP",
        default="",
        help="machines of the model to use, as for juju deploy: existing,0=3",
    )
    command.add_argument("--trust", action="store_true", help="plan for juju deploy --trust")
    add_format(command)


def _diff(commands: Commands) -> None:
    command = add_command(
        commands,
        "diff",
        "compare two bundles, or a site and a running model, and print the commands to run",
    )
    command.add_argument(
        "old",
        metavar="OLD",
        help="deployed site or bundle; up to Juju 3.6, also the output of juju export-bundle; with"
        " --live, the site or bundle to compare with the model",
    )
    command.add_argument("new", metavar="NEW", nargs="?", help="site or bundle to deploy")
    command.add_argument(
        "--live", action="store_true", help="compare with the running model instead of a file"
    )
    command.add_argument("--juju", metavar="VERSION", help=JUJU_OVERRIDE_HELP)
    command.add_argument(
        "--charms", metavar="DIR", help="directory that describes the charms, as for validate"
    )
    add_merged_files(command)
    add_live_options(command, "2m")
    command.epilog = (
        "exit status: 0 for two files; with --live, 0 if nothing differs and 1 if something does;"
        " 1 if a file has errors, 2 if a file or the controller cannot be read, 3 if the time is"
        " over"
    )


def _schema(commands: Commands) -> None:
    add_command(commands, "schema", "print the JSON Schema of the site file")


def _explain(commands: Commands) -> None:
    command = add_command(
        commands, "explain", "explain a rule (BL034), a key (nfs.server) or the profiles"
    )
    command.add_argument(
        "topic",
        metavar="TOPIC",
        nargs="?",
        default="",
        help="id of a rule, key of the site file, `profiles` or `rules`; without one, all rules"
        " are listed",
    )


def _completion(commands: Commands) -> None:
    command = add_command(commands, "completion", "print a completion script for a shell")
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")
