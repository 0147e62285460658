"""The pages of the repository that the site has, and their names in the site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

PATTERNS = (
    "*.md",
    "docs/**/*.md",
    "examples/README.md",
    "examples/*/*.md",
    "charms/*/README.md",
)
README = PurePosixPath("README.md")


class Pages:
    """The pages of a checkout.

    Attributes:
        names: For each page, by its path in the repository: its path in the site.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names = {path: site_name(path) for path in _paths(root)}

    def text(self, path: PurePosixPath) -> str:
        """Return the Markdown of a page."""
        return (self.root / path).read_text(encoding="utf-8")


def site_name(path: PurePosixPath) -> PurePosixPath:
    """Return the path of a page in the site.

    The directory docs is the root of the site, and the page of a directory is its index. So the
    URL of docs/README.md is the site's own. The README of the repository is one more page there.
    """
    if path == README:
        return PurePosixPath("overview.md")
    if path.parts[0] == "docs":
        path = path.relative_to("docs")
    elif len(path.parts) == 1:
        return PurePosixPath(path.name.lower())
    return path.with_name("index.md") if path.name == README.name else path


def is_index(path: PurePosixPath) -> bool:
    """Return whether a page of the repository lists other pages for the menu."""
    in_docs = path.parts[0] == "docs" and path.name == README.name
    return in_docs or path == "examples" / README


def _paths(root: Path) -> Iterator[PurePosixPath]:
    for pattern in PATTERNS:
        for path in sorted(root.glob(pattern)):
            yield PurePosixPath(path.relative_to(root).as_posix())
