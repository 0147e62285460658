"""The arguments of the commands for a running model."""

from __future__ import annotations

import argparse

from .arguments import Commands, add_command, add_format, add_input, add_maas

LIVE_EXIT_STATUS = (
    "exit status: 0 if the lab is healthy, 1 if it is not, 2 if the input or the controller cannot"
    " be read, 3 if the time is over"
)
DEFAULT_BACKEND = "auto"
DEPLOYMENT_TIME = "3h"
# The status of a process that SIGPIPE ended. 0 would say that the lab is healthy.
_OUTPUT_CLOSED = 141


def add_live_options(command: argparse.ArgumentParser, timeout: str) -> None:
    """Add the options that all commands for a running model have.

    Args:
        command: The command.
        timeout: The default of ``--timeout``, such as ``5m``.
    """
    add_connection_options(command, timeout)
    command.set_defaults(unfinished=_OUTPUT_CLOSED)
    add_format(command)


def add_connection_options(command: argparse.ArgumentParser, timeout: str) -> None:
    """Add the options that name a model and its controller.

    Args:
        command: The command.
        timeout: The default of ``--timeout``, such as ``5m``.
    """
    command.add_argument(
        "--model", metavar="NAME", default="", help="model to use (the client's current model)"
    )
    command.add_argument(
        "--controller", metavar="NAME", default="", help="controller to use (the current one)"
    )
    command.add_argument(
        "--backend",
        choices=("auto", "client", "libjuju"),
        default=DEFAULT_BACKEND,
        help="client runs the juju program, libjuju uses python-libjuju; auto prefers the client",
    )
    command.add_argument(
        "--timeout",
        metavar="TIME",
        default=timeout,
        help=f"time after which the command gives up, such as 90s, 30m or 2h ({timeout})",
    )


def _live_command(
    commands: Commands, name: str, text: str, timeout: str
) -> argparse.ArgumentParser:
    command = add_command(commands, name, text, LIVE_EXIT_STATUS)
    add_input(command, "SITE")
    add_live_options(command, timeout)
    return command


def _preflight(commands: Commands) -> None:
    command = _live_command(
        commands, "preflight", "check everything that a deployment of a site needs", "5m"
    )
    _add_maas(command)
    _add_map_machines(command)


def _deploy(commands: Commands) -> None:
    command = _live_command(
        commands,
        "deploy",
        "deploy a site, wait until it is ready, and verify it",
        DEPLOYMENT_TIME,
    )
    command.epilog = (
        "The command shows the plan for the model as it is, and changes nothing before it is"
        " confirmed. It also runs the commands for what juju deploy does not do, if they are"
        f" confirmed. Repeat an interrupted command: it continues. {LIVE_EXIT_STATUS}"
    )
    _add_maas(command)
    _add_map_machines(command)
    command.add_argument(
        "--yes",
        action="store_true",
        help="do not ask for confirmation; commands that remove units, relations, applications,"
        " offers or machines also need --remove, and are printed otherwise",
    )
    command.add_argument(
        "--remove",
        action="store_true",
        help="with --yes: also remove from the model what the site does not have",
    )
    command.add_argument(
        "--force",
        action="store_true",
        help="deploy although a preflight check failed, or the dry run of juju differs from the"
        " plan",
    )
    command.add_argument("--trust", action="store_true", help="deploy with juju deploy --trust")
    command.add_argument(
        "--no-wait", action="store_true", help="end when juju deploy has ended; check nothing"
    )


def _wait(commands: Commands) -> None:
    _live_command(commands, "wait", "wait until the lab of a site is ready, with progress", "3h")


def _status(commands: Commands) -> None:
    _live_command(commands, "status", "show the lab of a site on one screen", "2m")


def _verify(commands: Commands) -> None:
    command = _live_command(
        commands, "verify", "run the checks of the charms and of the cluster", "10m"
    )
    command.add_argument(
        "--kubeconfig",
        metavar="FILE",
        default="",
        help="kubeconfig for the checks of the cluster (the one of the control plane)",
    )


def _kubeconfig(commands: Commands) -> None:
    command = _live_command(
        commands, "kubeconfig", "write the kubeconfig of the lab's cluster", "2m"
    )
    command.add_argument(
        "--output", "-o", metavar="FILE", help="file to write (SITE.kubeconfig); - prints it"
    )
    command.add_argument(
        "--merge",
        metavar="FILE",
        nargs="?",
        const="",
        help="add a context to a kubeconfig (~/.kube/config) instead of writing a file",
    )
    command.add_argument(
        "--context", metavar="NAME", default="", help="name of the context (the site's name)"
    )


def _add_maas(command: argparse.ArgumentParser) -> None:
    add_maas(command, "check the machines of MAAS", "; without it, these checks are skipped")


def _add_map_machines(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--map-machines",
        metavar="MAP",
        default="",
        help="machines of the model to use, as for juju deploy: existing,0=3; the checks of MAAS"
        " are then skipped",
    )


LIVE_COMMANDS = (_preflight, _deploy, _wait, _status, _verify, _kubeconfig)
