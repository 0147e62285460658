"""The arguments that several commands share.

This module does not import the packages that do the work, so that ``--help`` is fast.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from typing import Protocol

JUJU_HELP = "Juju release to check and plan for: 2.6, 2.9, 3.6 or 4.0"
JUJU_OVERRIDE_HELP = f"{JUJU_HELP}; a site names its own"
EXIT_STATUS = "exit status: 0 without errors, 1 with errors, 2 if the input cannot be read"


class Commands(Protocol):
    """The object to which argparse adds commands. Its own class is private."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,  # noqa: A002 - the name that argparse uses
        description: str,
        epilog: str,
    ) -> argparse.ArgumentParser:
        """Add a command."""
        ...


def add_command(
    commands: Commands,
    name: str,
    text: str,
    exit_status: str = EXIT_STATUS,
    module: str = "",
) -> argparse.ArgumentParser:
    """Add a command that imports its module only when it runs.

    Args:
        commands: The commands of the parser.
        name: The name of the command.
        text: A description that begins in lower case.
        exit_status: The meaning of the exit statuses.
        module: The name of its module in ``cli.commands``, if it is not the command's.
    """
    command = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".", epilog=exit_status
    )
    # The status if the reader of the output (head, less) ends before the command.
    command.set_defaults(run=_lazily(module or name), unfinished=0)
    return command


def add_maas(command: argparse.ArgumentParser, purpose: str, otherwise: str = "") -> None:
    """Add the option ``--maas``.

    Args:
        command: The command.
        purpose: What the command does with it.
        otherwise: What happens without it; empty for nothing.
    """
    command.add_argument(
        "--maas",
        metavar="FILE",
        action="append",
        default=[],
        help=f"{purpose}: FILE has the output of `maas PROFILE machines read`, - is standard"
        " input; repeat it for the outputs of `subnets read`, `ipranges read` and `node-devices"
        f" read SYSTEM_ID`, or name a profile of the maas command instead{otherwise}",
    )


def _lazily(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a function that imports the module of a command and runs it."""

    def run(args: argparse.Namespace) -> int:
        module = importlib.import_module(f".commands.{name}", __package__)
        return module.run(args)

    return run


def add_input(
    command: argparse.ArgumentParser,
    metavar: str = "FILE",
    *,
    is_optional: bool = False,
    help_text: str = "a site file or a bundle; botlab sees which it is",
) -> None:
    """Add the arguments that name a site or bundle and what belongs to it."""
    command.add_argument(
        "file",
        metavar=metavar,
        nargs="?" if is_optional else None,
        help=help_text,
    )
    command.add_argument("--juju", metavar="VERSION", help=JUJU_OVERRIDE_HELP)
    add_merged_files(command)
    add_profiles(command)
    command.add_argument(
        "--charms",
        metavar="DIR",
        help="directory of charms, for the facts of a bundle's charms: archives (NAME.charm) and"
        " directories with charmcraft.yaml, or with metadata.yaml and config.yaml",
    )


def add_force(command: argparse.ArgumentParser) -> None:
    """Add the option that replaces a file that botlab did not write."""
    command.add_argument(
        "--force",
        action="store_true",
        help="replace a file that botlab did not write, and keep it as FILE.orig",
    )


def add_profiles(command: argparse.ArgumentParser) -> None:
    """Add the option that names a directory of profiles."""
    command.add_argument(
        "--profiles",
        metavar="DIR",
        default="",
        help="directory with profiles of your own, one directory for each, beside those of botlab"
        " ($BOTLAB_PROFILES)",
    )


def add_merged_files(command: argparse.ArgumentParser) -> None:
    """Add the options that name files to merge into a site or a bundle."""
    add_layers(command)
    command.add_argument(
        "--overlay",
        metavar="FILE",
        action="append",
        default=[],
        help="a bundle overlay, as for juju deploy --overlay (can be repeated)",
    )


def add_layers(command: argparse.ArgumentParser) -> None:
    """Add the option that names files to merge into a site."""
    command.add_argument(
        "--layer",
        metavar="FILE",
        action="append",
        default=[],
        help="a site file to merge into the site; later files win (can be repeated)",
    )


def add_format(command: argparse.ArgumentParser, *others: str) -> None:
    """Add the option that selects text, JSON or another format."""
    command.add_argument(
        "--format", choices=("text", "json", *others), default="text", help="output format (text)"
    )
