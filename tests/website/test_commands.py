"""The help of the commands."""

from __future__ import annotations

import argparse
import re

from botlab.cli.parser import build_parser
from website.commands import WIDTH, commands_of, overview


def test_commands_are_those_of_the_help() -> None:
    names = [command.name for command in commands_of(build_parser())]
    _, _, listed = build_parser().format_help().partition("COMMAND\n")

    assert re.findall(r"^    ([a-z-]+)", listed, re.MULTILINE) == names
    assert {"init", "validate", "render", "plan", "deploy", "completion"} <= set(names)


def test_page_has_the_help_that_the_command_prints() -> None:
    (command,) = [each for each in commands_of(build_parser()) if each.name == "validate"]
    printed = command.parser.format_help().split()

    assert command.page().startswith("# botlab validate\n\n```text\nusage: botlab validate ")
    assert " ".join(printed) in " ".join(command.page().split())


def test_lines_of_the_help_fit_into_a_code_block() -> None:
    lines = [line for each in commands_of(build_parser()) for line in each.page().splitlines()]

    assert [line for line in lines if len(line) > WIDTH] == []


def test_subcommands_have_their_help_on_the_page_of_the_command() -> None:
    parser = argparse.ArgumentParser(prog="botlab")
    group = parser.add_subparsers().add_parser("kit", help="use kits").add_subparsers()
    group.add_parser("check", description="Check a kit.").add_argument(
        "--deep", help="read all files"
    )
    (command,) = commands_of(parser)

    assert "## botlab kit check\n\n```text\nusage: botlab kit check" in command.page()
    assert "--deep" in command.page()


def test_overview_leads_to_each_page() -> None:
    commands = commands_of(build_parser())
    text = overview(commands)

    assert "| [`botlab plan`](commands/plan.md) | Print what juju deploy would do, " in text
    assert text.count("](commands/") == len(commands)
