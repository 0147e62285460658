"""The menus that index pages make."""

from __future__ import annotations

from website.navigation import menus


def test_list_makes_a_menu_with_its_texts() -> None:
    text = "# Guides\n\n- [Use `arm64`](arm64.md): alone.\n- [Storage](../storage.md)\n"

    assert list(menus(text)) == [
        "```{toctree}\n:hidden:\n\nUse arm64 <arm64>\nStorage <../storage>\n```"
    ]


def test_table_makes_a_menu_with_the_titles_of_the_pages() -> None:
    text = "| rule | severity |\n| --- | --- |\n| [BL001](BL001.md) | error |\n"

    assert list(menus(text)) == ["```{toctree}\n:hidden:\n\nBL001\n```"]


def test_each_section_is_a_part_of_the_menu() -> None:
    text = "# G\n\n## First\n\n- [A](a.md)\n\n## Empty\n\n## Second\n\n- [B](b.md)\n"

    assert list(menus(text)) == [
        "```{toctree}\n:hidden:\n:caption: First\n\nA <a>\n```",
        "```{toctree}\n:hidden:\n:caption: Second\n\nB <b>\n```",
    ]


def test_other_links_are_no_entries() -> None:
    text = (
        "See [a](a.md).\n1. [b](b.md)\n- see [c](c.md)\n"
        "- [d](https://d.io/d.md)\n- [e](e.md#part)\n"
        "```\n- [f](f.md)\n```\n| text | [g](g.md) |\n"
        "| [h](h.md) to [i](i.md) | text |\n"
    )

    assert list(menus(text)) == []
