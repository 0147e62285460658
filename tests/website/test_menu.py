"""The menu beside each page."""

from __future__ import annotations

import re

from website.menu import MOST_ENTRIES, Entry, Group, Menu

RULES = tuple(Entry(f"rules/{number}", f"Rule {number}") for number in range(MOST_ENTRIES + 1))
MENU = Menu(
    {
        "index": [
            Group(
                "Documentation", (Entry("how-to/index", "Guides"), Entry("rules/index", "Rules"))
            ),
            Group("A & B", (Entry("changelog", "<Changes>"),)),
        ],
        "how-to/index": [Group("First", (Entry("how-to/arm64", "arm64"),))],
        "rules/index": [Group("", RULES)],
    },
    "index",
)


def entries(page: str) -> list[str]:
    """Return the pages in the menu of a page, with a mark at those of its branch."""
    rows = re.findall(
        r'class="toctree-l\d( current)?"><a [^>]*href="([^"]+)"', MENU.html(page, str)
    )
    return [f"{'*' if current else ''}{url}" for current, url in rows]


def test_first_page_has_all_short_lists() -> None:
    assert entries("index") == ["how-to/index", "how-to/arm64", "rules/index", "changelog"]


def test_branch_of_a_page_is_marked() -> None:
    assert entries("how-to/arm64") == [
        "*how-to/index",
        "*how-to/arm64",
        "rules/index",
        "changelog",
    ]


def test_long_list_shows_only_the_page_itself() -> None:
    assert entries("rules/3") == [
        "how-to/index",
        "how-to/arm64",
        "*rules/index",
        "*rules/3",
        "changelog",
    ]
    assert entries("rules/index") == ["how-to/index", "how-to/arm64", "*rules/index", "changelog"]


def test_page_outside_the_menu_has_it_too() -> None:
    assert entries("search") == entries("index")


def test_texts_are_escaped() -> None:
    text = MENU.html("index", str)

    assert "A &amp; B" in text
    assert "&lt;Changes&gt;" in text
