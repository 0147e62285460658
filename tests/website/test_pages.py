"""The pages of the site and their names."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from helpers.small_site import write_checkout
from website.pages import Pages, is_index, site_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("docs/README.md", "index.md"),
        ("docs/how-to/README.md", "how-to/index.md"),
        ("docs/how-to/arm64.md", "how-to/arm64.md"),
        ("docs/charms/metallb.md", "charms/metallb.md"),
        ("charms/metallb/README.md", "charms/metallb/index.md"),
        ("examples/README.md", "examples/index.md"),
        ("examples/modern/README.md", "examples/modern/index.md"),
        ("examples/modern/RUNBOOK.md", "examples/modern/RUNBOOK.md"),
        ("README.md", "overview.md"),
        ("CHANGELOG.md", "changelog.md"),
    ],
)
def test_name_of_a_page_in_the_site(path: str, name: str) -> None:
    assert site_name(PurePosixPath(path)) == PurePosixPath(name)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("docs/README.md", True),
        ("docs/rules/README.md", True),
        ("examples/README.md", True),
        ("README.md", False),
        ("examples/modern/README.md", False),
        ("charms/metallb/README.md", False),
        ("docs/commands.md", False),
    ],
)
def test_index_pages_are_those_of_docs_and_of_the_examples(path: str, is_one: bool) -> None:
    assert is_index(PurePosixPath(path)) is is_one


def test_pages_are_those_for_readers(tmp_path: Path) -> None:
    """Parts of other pages, and pages for developers next to their code, are not among them."""
    root = write_checkout(
        tmp_path,
        {
            "charms/metallb/README.md": "# metallb\n",
            "charms/metallb/guarantees.md": "## Active means\n",
            "tests/mutation/README.md": "# Mutation run\n",
            "examples/modern/README.md": "# modern\n",
        },
    )

    assert sorted(map(str, Pages(root).names)) == [
        "README.md",
        "charms/metallb/README.md",
        "docs/README.md",
        "docs/commands.md",
        "docs/how-to/README.md",
        "docs/how-to/arm64.md",
        "examples/modern/README.md",
    ]
