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
    add_force,
    add_format,
    add_input,
    add_layers,
    add_maas,
    add_merged_files,
    add_profiles,
)
from .live_parser import LIVE_COMMANDS, add_connection_options, add_live_options
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
    for add in (_init, _charms, _validate, _render, _runbook, _plan, _diff, _picture, _kit):
        add(commands)
    for add in LIVE_COMMANDS:
        add(commands)
    for add in (_profile, _schema, _explain, _completion):
        add(commands)
    return parser


def _init(commands: Commands) -> None:
    command = add_command(commands, "init", "write a commented site file to start from")
    command.add_argument("name", metavar="NAME", help="name of the site")
    command.add_argument("--juju", metavar="VERSION", help=f"{JUJU_HELP} (3.6)")
    command.add_argument(
        "--profile",
        default="",
        metavar="KUBERNETES",
        help="profile of the site: charmed-k8s (the default from Juju 3 on), canonical-k8s,"
        " k8s-1.13 (the charms of 2019) or existing (a cluster without Juju)",
    )
    add_profiles(command)
    add_maas(command, "take the machines and their network from MAAS")
    for option, text in (
        ("--pool", "use only machines of this resource pool of MAAS (can be repeated)"),
        ("--zone", "use only machines of this zone of MAAS (can be repeated)"),
        ("--tag", "use only machines that have this tag in MAAS (repeated: all of them)"),
        ("--exclude", "leave out a machine by its name, a pattern such as infra-*, or its id"),
    ):
        command.add_argument(option, metavar="NAME", action="append", default=[], help=text)
    command.add_argument(
        "--tag-script",
        metavar="FILE",
        help="write a shell script that gives each machine a tag of its own in MAAS",
    )
    command.add_argument(
        "--output", "-o", metavar="FILE", help="file to write (NAME.yaml); - prints the text"
    )


def _charms(commands: Commands) -> None:
    command = add_command(
        commands,
        "charms",
        "write the archives of this project's charms, for the directory that a site names",
        "exit status: 0 if all archives are written, 2 if one cannot be written",
    )
    command.add_argument(
        "directory", metavar="DIR", help="directory for the archives, such as mylab/charms"
    )
    command.add_argument(
        "--arch",
        action="append",
        choices=("amd64", "arm64"),
        help="write only the archives for this architecture (can be repeated)",
    )


def _validate(commands: Commands) -> None:
    command = add_command(commands, "validate", "check a site or a bundle and print all findings")
    add_input(command)
    add_maas(command, "check the site against MAAS, too")
    add_format(command, "github")


def _render(commands: Commands) -> None:
    command = add_command(
        commands, "render", "write the bundle or the Terraform plan of a site that has no errors"
    )
    add_input(command, "SITE")
    command.add_argument(
        "--format",
        choices=("bundle", "terraform"),
        default="bundle",
        help="what to write: a bundle for juju deploy (the default), or a plan for OpenTofu and"
        " Terraform, which can also be made from a bundle",
    )
    command.add_argument(
        "--output",
        "-o",
        metavar="FILE",
        help="file to write (bundle.yaml or main.tf in the site's directory); - prints the text",
    )
    add_force(command)
    command.add_argument(
        "--model-config-script",
        metavar="FILE",
        help="also write a shell script that sets the options of the model: those of model-config"
        " and of the proxy. Only its owner can read it",
    )


def _runbook(commands: Commands) -> None:
    command = add_command(
        commands, "runbook", "write the commands for the administrator of a site as Markdown"
    )
    add_input(command, "SITE", help_text="a site file")
    command.add_argument(
        "--output",
        "-o",
        metavar="FILE",
        help="file to write (RUNBOOK.md in the site's directory); - prints the text",
    )
    add_force(command)


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
    add_profiles(command)
    add_live_options(command, "2m")
    command.epilog = (
        "exit status: 0 for two files; with --live, 0 if nothing differs and 1 if something does;"
        " 1 if a file has errors, 2 if a file or the controller cannot be read, 3 if the time is"
        " over"
    )


def _picture(commands: Commands) -> None:
    command = add_command(
        commands, "picture", "draw the machines, applications and relations of a lab"
    )
    add_input(command, is_optional=True)
    add_maas(command, "draw the cores, memory, zones and addresses that MAAS knows")
    command.add_argument(
        "--live",
        action="store_true",
        help="draw the running model, coloured by status; FILE adds what a status lacks, such as"
        " the names of the site's machines, storage and address pools",
    )
    command.add_argument(
        "--output",
        "-o",
        metavar="FILE",
        help="file to write, whose ending chooses the format (NAME.svg, in the directory of the"
        " input); - prints the text",
    )
    command.add_argument(
        "--format",
        choices=("svg", "html", "png"),
        help="svg for documents, html for a page with a search, or png, which needs Chromium or"
        " Google Chrome (the ending of the output, or else svg)",
    )
    command.add_argument(
        "--theme",
        choices=("auto", "light", "dark"),
        default="auto",
        help="colours; auto follows the setting of the reader's computer, and is light for png",
    )
    command.add_argument(
        "--every-machine",
        action="store_true",
        help="draw a card for each machine; otherwise, if there are many, machines that are alike"
        " share one",
    )
    add_force(command)
    add_connection_options(command, "2m")


def _kit(commands: Commands) -> None:
    command = add_command(
        commands, "kit", "collect in one archive what a site needs without internet, or check one"
    )
    command.usage = (
        "botlab kit SITE -o FILE [--from DIR|URL] [--partial]\n"
        "       botlab kit check KIT\n"
        "       botlab kit list SITE|KIT [--from DIR|URL]"
    )
    command.add_argument(
        "subject", metavar="SITE", help="site file to make a kit of, or one of: check, list"
    )
    command.add_argument(
        "kit",
        metavar="KIT",
        nargs="?",
        help="kit to check, an archive or the directory that it was unpacked into; for list also a"
        " site file (NAME.yaml)",
    )
    command.add_argument("--output", "-o", metavar="FILE", help="file of the kit, such as lab.tar")
    command.add_argument(
        "--from",
        dest="source",
        metavar="DIR|URL",
        help="directory with the files that were downloaded, or http(s) URL that has them under"
        " their paths in the kit; files that the site names are taken from their own place first",
    )
    command.add_argument(
        "--images",
        metavar="FILE",
        action="append",
        default=[],
        help="file with further images, one in each line (can be repeated)",
    )
    command.add_argument(
        "--partial", action="store_true", help="write the kit although items are missing"
    )
    add_layers(command)
    add_profiles(command)
    add_format(command)


def _profile(commands: Commands) -> None:
    command = add_command(commands, "profile", "list the profiles, or check profiles of your own")
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = add_command(
        actions, "list", "list the profiles that a site can name", module="profile_list"
    )
    add_profiles(listing)
    add_format(listing)
    check = add_command(
        actions,
        "check",
        "check the files of own profiles, and the bundles of sample sites",
        module="profile_check",
    )
    check.add_argument(
        "directory", metavar="DIR", help="directory with one directory for each profile"
    )
    add_format(check)


def _schema(commands: Commands) -> None:
    add_command(commands, "schema", "print the JSON Schema of the site file")


def _explain(commands: Commands) -> None:
    command = add_command(
        commands, "explain", "explain a rule (BL034), a key (nfs.server) or the profiles"
    )
    add_profiles(command)
    command.add_argument(
        "topic",
        metavar="TOPIC",
        nargs="?",
        default="",
        help="id of a rule, key of the site file, `profiles` or `rules`; without one, all rules"
        " are listed",
    )


def _completion(commands: Commands) -> None:
    command = add_command(
        commands,
        "completion",
        "print a completion script for a shell",
        'To install it, add the line eval "$(botlab completion bash)" to ~/.bashrc; for zsh, add'
        " the same with zsh to ~/.zshrc, below compinit; for fish, write the script to"
        " ~/.config/fish/completions/botlab.fish; for tcsh, write it to ~/.botlab.tcsh and add the"
        f" line source ~/.botlab.tcsh to ~/.tcshrc. {EXIT_STATUS[0].upper()}{EXIT_STATUS[1:]}",
    )
    command.add_argument("shell", choices=("bash", "zsh", "fish", "tcsh"), help="the shell")
