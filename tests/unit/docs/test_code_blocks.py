"""The commands of the README and of all pages can be copied and run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from botlab.cli.parser import build_parser

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "charms").glob("*/README.md")),
    *sorted((ROOT / "docs/tutorial").glob("*.md")),
    *sorted((ROOT / "docs/how-to").glob("*.md")),
]
# Pages with commands in their sentences and tables, too.
ALL_PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "charms").glob("*/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("README.md")),
]
INLINE = re.compile(r"(?<!`)`(botlab [^`]+)`(?!`)")
# The names of commands and of their actions, as in "`botlab kit check` reports".
VERBS = {
    *("charms", "completion", "deploy", "diff", "explain", "init", "kit", "kubeconfig", "picture"),
    *("plan", "preflight", "profile", "render", "runbook", "schema", "status", "validate"),
    *("verify", "wait", "check", "list", "COMMAND"),
}
# Pages whose commands are for Juju 2.
OF_JUJU_2 = {"original-lab-of-2019.md"}
# The commands of Juju 2 that Juju 3 does not have (juju 3.0 release notes).
JUJU_2_ONLY = re.compile(r"juju (add-relation|run-action|upgrade-charm|relate)\b")
SUBSTITUTION = re.compile(r"\$\([^)]*\)")
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks_of(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the language and the text of each code block."""
    for _, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        yield language, text


def commands_of(page: Path) -> Iterator[str]:
    """Yield the commands of the blocks for the shell, with continued lines as one."""
    for language, text in blocks_of(page):
        if language in ("", "sh", "shell"):
            yield from text.replace("\\\n", " ").splitlines()


@pages
def test_yaml_of_a_page_can_be_read(page: Path) -> None:
    for language, text in blocks_of(page):
        if language == "yaml":
            assert all(isinstance(part, dict) for part in yaml.safe_load_all(text))


@pages
def test_botlab_commands_of_a_page_exist(page: Path) -> None:
    """With their options and the number of their arguments."""
    for line in commands_of(page):
        if line.strip().startswith("botlab "):
            _, *words = shlex.split(SUBSTITUTION.sub("", line), comments=True)
            build_parser().parse_args(words)


def inline_commands(page: Path) -> Iterator[str]:
    """Yield the commands in the sentences and tables of a page, without mere names of commands."""
    for text in INLINE.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        command = " ".join(text.split())
        if not is_name(command):
            yield command


def is_name(command: str) -> bool:
    """Return whether a text only names a command: it has neither operands nor options."""
    words = command.split()[1:]
    return words[-1] == "--help" or all(word in VERBS for word in words)


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_botlab_commands_in_the_sentences_of_a_page_are_complete(page: Path) -> None:
    """A command with an option or an operand has all its operands. A mere name needs none."""
    for command in inline_commands(page):
        build_parser().parse_args(shlex.split(SUBSTITUTION.sub("", command))[1:])


def test_command_without_its_operand_is_recognised() -> None:
    assert is_name("botlab kit check")
    assert not is_name("botlab init --profile existing")
    assert not is_name("botlab validate site.yaml")


@pages
def test_commands_of_a_page_are_for_juju_3_and_later(page: Path) -> None:
    """A section about the charms of 2019 has those of Juju 2."""
    if page.name in OF_JUJU_2:
        return
    text = re.sub(r"^## .*2019\n.*?(?=^## )", "", page.read_text("utf-8"), flags=re.M | re.S)
    blocks = [block for _, language, block in BLOCK.findall(text) if language != "yaml"]

    assert [block for block in blocks if JUJU_2_ONLY.search(block)] == []


def test_tutorial_of_the_original_lab_has_no_commands_of_juju_3() -> None:
    page = ROOT / "docs/tutorial/original-lab-of-2019.md"

    assert [line for line in commands_of(page) if re.search(r"juju (integrate|run )", line)] == []
    assert any("juju run-action" in line for line in commands_of(page))
