"""The URLs in the built pages: what a browser fetches by itself, and what readers may follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

# Only these tags are parsed: all of them take ten times as long.
_TAG_WITH_ADDRESS = re.compile(r"<[a-z][^<>]*//[^<>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_STYLE_URL = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s;]+)""", re.IGNORECASE)
_FETCHED = {"src", "srcset", "poster", "data", "background", "action", "formaction"}


class _Urls(HTMLParser):
    """Collects the URLs of a page that lead to another host."""

    def __init__(self) -> None:
        super().__init__()
        self.followed: set[str] = set()
        self.fetched: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort the URLs of one element."""
        for name, url in attrs:
            if url is None or not _ADDRESS.match(url.strip()):
                continue
            if name in _FETCHED or (name.endswith("href") and tag != "a"):
                self.fetched.add(url)
            elif name == "href":
                self.followed.add(url)


def _read(page: Path) -> _Urls:
    urls = _Urls()
    for tag in _TAG_WITH_ADDRESS.findall(page.read_text(encoding="utf-8")):
        urls.feed(tag)
    return urls


def external_links(site: Path) -> list[str]:
    """Return the links of the built pages to other hosts, each once, sorted. None is fetched."""
    return sorted({url for page in site.rglob("*.html") for url in _read(page).followed})


def fetched_urls(site: Path) -> list[str]:
    """Return what a browser would fetch from other hosts to show the built site."""
    return sorted({url for path in site.rglob("*") for url in _fetched_by(path)})


def _fetched_by(path: Path) -> set[str]:
    if path.suffix in (".html", ".svg"):
        return _read(path).fetched | set(_style_urls(path))
    return set(_style_urls(path)) if path.suffix == ".css" else set()


def _style_urls(path: Path) -> Iterator[str]:
    yield from _STYLE_URL.findall(path.read_text(encoding="utf-8"))
