"""Commands that are printed for people to run."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from botlab.cli.parser import build_parser
from botlab.shell import charms_command, command_line, file_operand, juju_command

ARGUMENTS = [
    "",
    "y;id",
    "./c `id`",
    "$(id)",
    "a b",
    "it's",
    "a\\nb",
    "~",
    "*",
    "!1",
    "#",
    "caf\u00e9",
]
UNPRINTABLE = ["x\n  id #", "\x1b[2J'\\", "\tA\x01F", "\u202eb", "\x85b", "\U000e0041"]


@pytest.mark.parametrize("argument", [*ARGUMENTS, *UNPRINTABLE])
def test_shell_reads_the_argument_as_it_was(argument: str) -> None:
    """In a command of one line, which has no unprintable character."""
    command = command_line("printf", "%s|", argument, "end")

    variables = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    process = subprocess.run(
        ["bash", "-c", command], capture_output=True, check=True, env=variables
    )

    assert process.stdout.decode() == f"{argument}|end|"
    assert command.isprintable()


def test_operand_that_looks_like_an_option_follows_two_hyphens() -> None:
    """So that a name from a bundle cannot set an option of Juju."""
    assert juju_command("trust", "a", options=("--remove",)) == "juju trust a --remove"
    assert (
        juju_command("trust", "--x=y;", options=("--remove",)) == "juju trust --remove -- '--x=y;'"
    )


@pytest.mark.parametrize(
    ("path", "operand"),
    [("-lab.yaml", "./-lab.yaml"), ("lab.yaml", "lab.yaml"), ("/-lab", "/-lab"), ("a-b", "a-b")],
)
def test_path_that_begins_with_a_hyphen_is_no_option(path: str, operand: str) -> None:
    assert file_operand(path) == operand


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("lab/charms",), "botlab charms lab/charms"),
        ((Path("/my lab"), "arm64"), "botlab charms '/my lab' --arch arm64"),
        (("-lab", "arm64"), "botlab charms ./-lab --arch arm64"),
    ],
)
def test_command_that_writes_the_charms_accepts_every_directory(
    arguments: tuple[str, ...], command: str
) -> None:
    """Its own parser reads the words back."""
    assert charms_command(*arguments) == command

    args = build_parser().parse_args(shlex.split(command)[1:])

    directory, *architectures = arguments
    assert Path(args.directory) == Path(directory)
    assert (args.arch or []) == architectures
