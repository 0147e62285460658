"""The side menu of each page, as an extension of Sphinx.

The theme shows all pages of the site in the menu of each page. With a page for each rule, that
takes most of the time of the build, and hides the other pages in a long list. Of a page with many
entries, such as the list of the rules, this menu shows only the entry to which the reader came.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

MOST_ENTRIES = 40


@dataclass(frozen=True)
class Entry:
    """An entry of the menu: a page with its text."""

    page: str
    text: str


@dataclass(frozen=True)
class Group:
    """The entries of one list of an index page, with its heading."""

    heading: str
    entries: tuple[Entry, ...]


class Menu:
    """The menu of the site.

    Args:
        groups: The groups of entries of each page that lists others.
        root: The first page.
    """

    def __init__(self, groups: dict[str, list[Group]], root: str) -> None:
        self._groups = groups
        self._root = root
        self._entries = {
            page: tuple(entry for group in parts for entry in group.entries)
            for page, parts in groups.items()
        }
        self._parents = {
            entry.page: page for page, entries in self._entries.items() for entry in entries
        }

    def html(self, page: str, url_of: Callable[[str], str]) -> str:
        """Return the menu of a page, in the form of Sphinx's own.

        Args:
            page: The page that shows the menu.
            url_of: Returns the URL of another page, relative to this one.
        """
        writer = _Writer(self._children(page), url_of, set(self._branch(page)))
        return "".join(writer.group(group) for group in self._groups.get(self._root, []))

    def _branch(self, page: str) -> Iterator[str]:
        yield page
        while page in self._parents:
            page = self._parents[page]
            yield page

    def _children(self, page: str) -> dict[str, tuple[Entry, ...]]:
        """Return the entries below each page, as the menu of one page shows them."""
        branch = set(self._branch(page))
        return {
            parent: entries
            if len(entries) <= MOST_ENTRIES
            else tuple(entry for entry in entries if entry.page in branch)
            for parent, entries in self._entries.items()
        }


@dataclass(frozen=True)
class _Writer:
    """Writes the menu of one page."""

    children: dict[str, tuple[Entry, ...]]
    url_of: Callable[[str], str]
    branch: set[str]

    def group(self, group: Group) -> str:
        heading = f'<span class="caption-text">{html.escape(group.heading)}</span>'
        return f'<p class="caption">{heading}</p>{self._list(group.entries, 1)}'

    def _list(self, entries: tuple[Entry, ...], level: int) -> str:
        return f"<ul>{''.join(self._entry(entry, level) for entry in entries)}</ul>"

    def _entry(self, entry: Entry, level: int) -> str:
        current = " current" if entry.page in self.branch else ""
        address = html.escape(self.url_of(entry.page))
        link = f'<a class="reference internal" href="{address}">{html.escape(entry.text)}</a>'
        children = self.children.get(entry.page)
        below = self._list(children, level + 1) if children else ""
        return f'<li class="toctree-l{level}{current}">{link}{below}</li>'


class _MenuExtension:
    """Gives each page its menu. The lists of the pages are read once, before the first page."""

    def __init__(self) -> None:
        self._menu: Menu | None = None

    def set_menu(
        self, app: Sphinx, page: str, _: str, context: dict[str, object], *__: object
    ) -> None:
        """Replace the function with which the theme makes its menu."""
        if self._menu is None:
            self._menu = Menu(_groups(app.env), app.config.root_doc)
        builder = app.builder
        text = self._menu.html(page, lambda target: builder.get_relative_uri(page, target))

        def toctree_html(**options: object) -> str:
            return text

        context["toctree"] = toctree_html


def _groups(environment: BuildEnvironment) -> dict[str, list[Group]]:
    """Read the lists of all pages."""
    return {
        page: [_group(environment, node) for node in contents.findall(toctree)]
        for page, contents in environment.tocs.items()
    }


def _group(environment: BuildEnvironment, node: toctree) -> Group:
    titles = environment.titles
    entries = (Entry(page, text or titles[page].astext()) for text, page in node["entries"])
    return Group(node.get("caption") or "", tuple(entries))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the menu before the theme reads it."""
    app.connect("html-page-context", _MenuExtension().set_menu, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
