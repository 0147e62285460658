"""The commands of MAAS in messages and pages exist in the releases that they are for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.maas_releases import RECORD, RELEASES

ROOT = Path(__file__).resolve().parents[3]
# What older releases of MAAS do not have, with the first release that has it.
SINCE = {"node-devices": "3.2", "reserved-ips": "3.6"}
_IN_TEXT = re.compile(r"(?<!-)\bmaas (?:PROFILE|admin) ([a-z-]+) ((?:[\w$\"=.*-]+ ?){1,2})")


def commands_of_text(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the words after the profile of each command in a text."""
    for match in _IN_TEXT.finditer(text):
        yield (match[1], *match[2].split())


def commands_of_code(source: str) -> Iterator[tuple[str, ...]]:
    """Yield the constant words of each call that puts a command of MAAS together."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        texts = [word for word in words if isinstance(word, str)]
        function = node.func
        if texts[:1] == ["maas"]:
            yield tuple(word for word in texts[1:] if word != "PROFILE")
        elif isinstance(function, ast.Attribute) and function.attr == "_maas":
            yield tuple(texts)


def all_commands() -> set[tuple[str, ...]]:
    """Return the commands of the generator and of the pages about MAAS."""
    commands: set[tuple[str, ...]] = set()
    for file in (ROOT / "generator/botlab").rglob("*.py"):
        source = file.read_text("utf-8")
        if "maas" in source:
            commands |= {*commands_of_text(source), *commands_of_code(source)}
    pages = [ROOT / "docs/how-to/maas.md", *(ROOT / "docs/rules").glob("BL13*.md")]
    for page in pages:
        commands |= set(commands_of_text(page.read_text("utf-8")))
    return commands


@pytest.mark.parametrize("release", RELEASES)
def test_every_command_exists(release: str) -> None:
    """The first word is a resource of MAAS, and one of the next two is an action of it."""
    commands = {
        command
        for command in all_commands()
        if command and SINCE.get(command[0], RELEASES[0]) <= release
    }

    unknown = [
        command
        for command in commands
        if not set(command[1:]) & set(RECORD[release]["commands"].get(command[0], ()))
    ]
    # The action of a machine depends on its state; test_states checks it.
    assert [command for command in unknown if command != ("machine",)] == []
    assert len(commands) > 10
