"""Links between the pages of the repository, changed so that they lead to the pages of the site.

On a Git host, a link leads to a file or a directory of the repository. In the site, a link to a
page leads to that page under its name there, a link to a directory to the page of the directory,
and a link to any other file to a copy of that file. The id of a rule becomes a link to its page,
and so does the path of a page, which a charm's README has in place of a link.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .pages import README, Pages

FENCED_BLOCK = re.compile(r"^( *)(```+|~~~+).*?^\1\2[ ]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(
    r"\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)"
    r"|`(?P<rule>BL\d{3})`|`(?P<page>[\w./-]+/[\w.-]+\.md)`"
)
_WITH_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def prose(text: str) -> str:
    """Return a text with its fenced blocks blanked out. All positions stay the same."""
    return FENCED_BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)


@dataclass
class SiteLinks:
    """Changes the links of pages.

    Attributes:
        pages: The pages of the site.
        files: The files of the repository, other than pages, to which links lead.
    """

    pages: Pages
    files: set[PurePosixPath] = field(default_factory=set)

    def change(self, text: str, path: PurePosixPath) -> str:
        """Return the text of a page with its links as the site needs them.

        Args:
            text: The Markdown.
            path: The path of the page in the repository.
        """
        return _replace(text, lambda link: self._change(link, path))

    def target(self, link: str, path: PurePosixPath) -> PurePosixPath | None:
        """Return the path in the repository to which a link of a page leads, without its anchor.

        A link to a directory that has a page leads to this page. The result is None for a link to
        another site or to the page itself.
        """
        name = link.partition("#")[0]
        if not name or _WITH_SCHEME.match(link):
            return None
        target = PurePosixPath(posixpath.normpath((path.parent / name).as_posix()))
        return target / README if target / README in self.pages.names else target

    def _change(self, link: re.Match[str], path: PurePosixPath) -> str:
        named = f"docs/rules/{link['rule']}.md" if link["rule"] else link["page"]
        if named:
            return self._named_link(link[0], PurePosixPath(named), path)
        target = self.target(link["target"], path)
        if target is None:
            return link[0]
        name = self._site_name(target)
        if name is None:
            return link["text"]
        _, mark, anchor = link["target"].partition("#")
        return f"[{link['text']}]({self._relative(name, path)}{mark}{anchor})"

    def _named_link(self, text: str, page: PurePosixPath, path: PurePosixPath) -> str:
        """Return the name of a page as a link to it, if the site has that page."""
        if page == path or page not in self.pages.names:
            return text
        return f"[{text}]({self._relative(self.pages.names[page], path)})"

    def _relative(self, name: PurePosixPath, path: PurePosixPath) -> str:
        """Return the path of a page or file of the site, relative to a page of the repository."""
        return posixpath.relpath(name, self.pages.names[path].parent)

    def _site_name(self, target: PurePosixPath) -> PurePosixPath | None:
        """Return the path of a target in the site; None if the site cannot show it."""
        if target in self.pages.names:
            return self.pages.names[target]
        place = self.pages.root / target
        if place.is_dir() or (place.is_file() and place.suffix == ".md"):
            return None
        if place.is_file():
            self.files.add(target)
        return PurePosixPath("files") / target


def _replace(text: str, change: Callable[[re.Match[str]], str]) -> str:
    """Replace the links of a text, and leave its fenced blocks as they are."""
    return "".join(_replaced_parts(text, change))


def _replaced_parts(text: str, change: Callable[[re.Match[str]], str]) -> Iterator[str]:
    end = 0
    for link in _LINK.finditer(prose(text)):
        yield text[end : link.start()] + change(link)
        end = link.end()
    yield text[end:]
