"""The menus of the site, made from the lists of the index pages.

A line of a list that begins with a link to a page is an entry of the menu, and so is a row of a
table whose first cell is such a link. In a list, the text of the link is the entry's text; in a
table, the title of the page is. Each section of the index page is a part of the menu, under the
section's heading.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from .links import prose

_LINE = re.compile(
    r"^## +(?P<heading>.+?) *$"
    r"|^(?:-|(?P<row>\|)) \[(?P<text>[^\]]+)\]\((?P<target>[^)#\s:]+\.md)\)(?(row) \|)",
    re.MULTILINE,
)


def menus(text: str) -> Iterator[str]:
    """Yield the hidden table of contents of each section of an index page.

    Args:
        text: The Markdown of the page, with the links of the site.
    """
    heading = ""
    entries: list[str] = []
    for line in _LINE.finditer(prose(text)):
        if line["heading"] is None:
            entries.append(_entry(line))
            continue
        yield from _menu(heading, entries)
        heading, entries = line["heading"], []
    yield from _menu(heading, entries)


def _menu(heading: str, entries: list[str]) -> Iterator[str]:
    if entries:
        caption = [f":caption: {heading}"] if heading else []
        yield "\n".join(["```{toctree}", ":hidden:", *caption, "", *entries, "```"])


def _entry(line: re.Match[str]) -> str:
    page = posixpath.splitext(line["target"])[0]
    return page if line["row"] else f"{line['text']} <{page}>".replace("`", "")
