"""The arguments of every command; importing this loads no room, so that --help is quick."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from typing import Protocol

from .. import __version__

JUJU_HELP = "Juju release whose rules and words apply: 2.6, 2.9, 3.6 or 4.0"
EXITS = "exit status: 0 no errors (warnings allowed), 1 errors, 2 input that cannot be read"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; each command's ``run`` takes the parsed arguments."""
    parser = argparse.ArgumentParser(
        prog="botlab",
        description="One site file in, a checked Juju bundle and its plan out.",
        epilog=f"{EXITS}. Start with: botlab init mylab",
    )
    parser.add_argument("--version", action="version", version=f"botlab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_init, _validate, _render, _plan, _diff, _schema, _explain, _completion):
        add(commands)
    return parser


class Commands(Protocol):
    """What argparse hands out for sub-commands (its own class is private)."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,  # noqa: A002 - argparse names it so
        description: str,
        epilog: str,
    ) -> argparse.ArgumentParser:
        """Add one command."""
        ...


def _command(commands: Commands, name: str, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".", epilog=EXITS
    )
    command.set_defaults(run=_lazily(name))
    return command


def _lazily(name: str) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        module = importlib.import_module(f".commands.{name}", __package__)
        return module.run(args)

    return run


def _subject(command: argparse.ArgumentParser, what: str = "FILE") -> None:
    command.add_argument("file", metavar=what, help="a site file or a bundle, told by content")
    command.add_argument("--juju", metavar="VERSION", help=f"{JUJU_HELP} (a site names its own)")
    command.add_argument(
        "--layer",
        metavar="FILE",
        action="append",
        default=[],
        help="a site file laid over the site; later ones win (may repeat)",
    )
    command.add_argument(
        "--overlay",
        metavar="FILE",
        action="append",
        default=[],
        help="a bundle overlay, as juju deploy --overlay takes it (may repeat)",
    )
    command.add_argument(
        "--charms",
        metavar="DIR",
        help="folder with one sub-folder of metadata.yaml and config.yaml per charm",
    )


def _format(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (text)"
    )


def _init(commands: Commands) -> None:
    command = _command(commands, "init", "write a commented site file to start from")
    command.add_argument("name", metavar="NAME", help="name of the site")
    command.add_argument("--juju", metavar="VERSION", help=JUJU_HELP)
    command.add_argument(
        "--maas",
        metavar="MACHINES",
        help="take the machines from what `maas PROFILE machines read` printed",
    )
    command.add_argument(
        "--output", "-o", metavar="FILE", help="file to write (NAME.yaml); - prints it"
    )


def _validate(commands: Commands) -> None:
    command = _command(commands, "validate", "check a site or a bundle; all findings at once")
    _subject(command)
    _format(command)


def _render(commands: Commands) -> None:
    command = _command(commands, "render", "write the bundle of a site, when it has no errors")
    _subject(command, "SITE")
    command.add_argument(
        "--output",
        "-o",
        metavar="FILE",
        help="bundle to write (bundle.yaml beside the site); - prints it",
    )
    command.add_argument(
        "--force",
        action="store_true",
        help="replace a file that botlab did not write; it is kept as FILE.orig",
    )


def _plan(commands: Commands) -> None:
    command = _command(commands, "plan", "print what juju deploy would do, without a controller")
    _subject(command)
    command.add_argument(
        "--executed", action="store_true", help="print it as a real run does, not as --dry-run"
    )
    command.add_argument(
        "--model",
        metavar="MODEL",
        help="plan against what exists: juju status --format json, or juju export-bundle",
    )
    _format(command)


def _diff(commands: Commands) -> None:
    command = _command(
        commands, "diff", "tell what differs and which commands juju deploy leaves to you"
    )
    command.add_argument("old", metavar="OLD", help="site, bundle or exported bundle that stands")
    command.add_argument("new", metavar="NEW", help="site or bundle that is wanted")
    command.add_argument("--juju", metavar="VERSION", help=f"{JUJU_HELP} (a site names its own)")
    command.add_argument("--charms", metavar="DIR", help="folder of charm facts, as in validate")
    _format(command)


def _schema(commands: Commands) -> None:
    _command(commands, "schema", "print the JSON Schema of the site file")


def _explain(commands: Commands) -> None:
    command = _command(
        commands, "explain", "explain a rule (BL034), a key (nfs.server) or the profiles"
    )
    command.add_argument(
        "topic",
        metavar="TOPIC",
        nargs="?",
        default="",
        help="a rule's id, a key of the site file, `profiles` or `rules`; none lists them",
    )


def _completion(commands: Commands) -> None:
    command = _command(commands, "completion", "print shell completion")
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")
