"""The READMEs of the charms: each is the page that a store shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import pack
from helpers.charm_projects import CHARMS, read_charmcraft

NAMES = pack.charm_names()
ARCHIVES = [pack.Target(platform, "amd64") for platform in sorted(pack.PLATFORMS)]
_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


def page(charm: str) -> str:
    """Return the README of a charm."""
    return (CHARMS / charm / "README.md").read_text(encoding="utf-8")


def commands(charm: str) -> list[list[list[str]]]:
    """Return the words of each command in each block of a charm's page."""
    return [
        [shlex.split(line, comments=True) for line in block.splitlines()]
        for block in _BLOCK.findall(page(charm))
    ]


@pytest.mark.parametrize("charm", NAMES)
def test_three_commands_deploy_the_charm_alone(charm: str) -> None:
    """They are written for Juju 3 and 4, and end with an action that shows the result."""
    first, second, third = commands(charm)[0]
    project = read_charmcraft(charm)

    assert first[:2] == ["juju", "deploy"]
    assert first[2:4] == [f"./{pack.Target('jammy-noble', 'amd64').archive_name(charm)}", charm]
    assert second[:2] in (["juju", "config"], ["juju", "integrate"])
    assert third[:3] == ["juju", "run", f"{charm}/0"]
    assert third[3] in project["actions"]


@pytest.mark.parametrize("charm", NAMES)
def test_commands_name_what_the_charm_has(charm: str) -> None:
    project = read_charmcraft(charm)
    endpoints = {*project.get("provides", {}), *project["requires"]}
    words = [word for block in commands(charm) for command in block for word in command]

    related = {word.partition(":")[2] for word in words if word.startswith(f"{charm}:")}
    options = {
        word.partition("=")[0]
        for block in commands(charm)
        for command in block
        for word in command
        if "=" in word and not word.startswith("-")
    }
    assert related <= endpoints
    assert options <= set(project["config"]["options"])


@pytest.mark.parametrize("charm", NAMES)
def test_page_names_the_archive_of_each_platform(charm: str) -> None:
    text = page(charm)
    assert [target for target in ARCHIVES if target.archive_name(charm) not in text] == []


@pytest.mark.parametrize("charm", NAMES)
def test_page_links_to_the_options_and_the_actions(charm: str) -> None:
    """Every linked page exists."""
    links = [(path, anchor) for path, anchor in _LINK.findall(page(charm)) if "://" not in path]
    reference = f"../../docs/charms/{charm}.md"

    assert {(reference, "#options"), (reference, "#actions")} <= set(links)
    missing = {path for path, _ in links if not Path(CHARMS / charm / path).is_file()}
    assert missing == set()
