"""The help of each command, from the parser of botlab."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

# As wide as a code block of the site.
WIDTH = 88
FENCE = "```"


@dataclass(frozen=True)
class Command:
    """A command of botlab.

    Attributes:
        name: The name, such as `validate`.
        purpose: One line that describes the command.
        parser: The parser of its arguments.
    """

    name: str
    purpose: str
    parser: argparse.ArgumentParser

    def page(self) -> str:
        """Return the page of the command, with the help of its subcommands."""
        parts = [f"# botlab {self.name}", *_help_blocks(self.parser)]
        return "\n\n".join([*parts, "[All commands](../commands.md)"]) + "\n"


def commands_of(parser: argparse.ArgumentParser) -> list[Command]:
    """Return the commands of a parser in the order of its help."""
    return [
        Command(name, subparser.description or "", subparser)
        for name, subparser in _subparsers(parser).items()
    ]


def overview(commands: list[Command]) -> str:
    """Return the section of the page about commands that leads to the page of each command."""
    rows = [
        f"| [`botlab {each.name}`](commands/{each.name}.md) | {each.purpose} |"
        for each in commands
    ]
    table = ["| command | purpose |", "| --- | --- |", *rows]
    return "\n".join(["## Help of each command", "", *table, ""])


def _help_blocks(parser: argparse.ArgumentParser) -> Iterator[str]:
    parser.formatter_class = functools.partial(argparse.HelpFormatter, width=WIDTH)
    # From Python 3.14 on, the help has colours on a terminal.
    vars(parser)["color"] = False
    yield f"{FENCE}text\n{parser.format_help().strip()}\n{FENCE}"
    for command in commands_of(parser):
        yield f"## {command.parser.prog}"
        yield from _help_blocks(command.parser)


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the subcommands. argparse has no public way to ask for them."""
    for action in parser._actions:
        if isinstance(action.choices, dict):
            return cast("dict[str, argparse.ArgumentParser]", action.choices)
    return {}
