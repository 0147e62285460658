"""The READMEs of the charms: each is the page that a store shows."""

from __future__ import annotations

import re
import shlex

import pytest

import pack
import reference
import store_page
from helpers.charm_projects import CHARMS, read_charmcraft

NAMES = pack.charm_names()
ARCHIVES = [pack.Target(platform, "amd64") for platform in sorted(pack.PLATFORMS)]
_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_FILE = re.compile(r"`((?:docs|charms|examples)/[^`]+)`")
_ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


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
        if "=" in word and not word.startswith("-") and "#" not in word
    }
    assert related <= endpoints
    assert options <= set(project["config"]["options"])


@pytest.mark.parametrize("charm", NAMES)
def test_page_names_the_archive_of_each_platform(charm: str) -> None:
    text = page(charm)
    assert [target for target in ARCHIVES if target.archive_name(charm) not in text] == []


@pytest.mark.parametrize("charm", NAMES)
def test_page_leads_nowhere_outside_of_itself(charm: str) -> None:
    """A store shows the page without the repository, so a link to a file would be broken there."""
    targets = _LINK.findall(page(charm))
    headings = {heading.lower().replace(" ", "-") for heading in _HEADING.findall(page(charm))}

    inside = {target[1:] for target in targets if target.startswith("#")}
    assert {"options", "actions"} <= inside <= headings
    outside = [target for target in targets if not target.startswith("#")]
    assert [target for target in outside if not target.startswith("https://")] == []


@pytest.mark.parametrize("charm", NAMES)
def test_files_that_the_page_names_exist(charm: str) -> None:
    """They are part of the source of each release."""
    names = set(_FILE.findall(page(charm)))

    assert f"docs/charms/{charm}.md" in names
    assert [name for name in names if not (CHARMS.parent / name).is_file()] == []


@pytest.mark.parametrize("charm", NAMES)
def test_page_lists_all_options_and_actions(charm: str) -> None:
    """`python charms/packing/reference.py CHARM` writes both lists."""
    project = read_charmcraft(charm)
    rows = set(_ROW.findall(page(charm)))

    assert {*project["config"]["options"], *project["actions"]} <= rows
    assert reference.readme(charm) == page(charm)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("The release, such as\n`v0.12.1`. If empty, none.\n", "The release, such as `v0.12.1`."),
        ("The driver. `none` installs none.", "The driver."),
        ("Apply it now. docker is restarted. Good.", "Apply it now. docker is restarted."),
        ("Without a full stop", "Without a full stop"),
    ],
)
def test_list_has_the_first_sentence_of_a_description(text: str, sentence: str) -> None:
    assert store_page.first_sentence(text) == sentence


def test_bar_in_a_description_does_not_end_its_cell() -> None:
    project = {
        "name": "sample",
        "actions": {"run": {"description": "Run `a|b`."}},
        "config": {
            "options": {"wide": {"type": "boolean", "default": False, "description": "W."}}
        },
    }

    text = store_page.with_summaries("# A\n\n## Options\n\nold\n\n## Actions\n", project)

    assert "| `run` | Run `a\\|b`. |\n" in text
    assert "| `wide` | `false` | W. |\n" in text
    assert "old" not in text
