"""The pages as Sphinx reads them, in a directory of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from botlab.cli.parser import build_parser
from botlab.rules.juju.fixes import FIXES

from . import commands, examples, juju_rules, navigation, pictures
from .links import SiteLinks
from .pages import Pages, is_index

_COMMANDS = PurePosixPath("docs/commands.md")
_RULES = PurePosixPath("docs/rules/README.md")


class Staging:
    """Writes the pages of a checkout for Sphinx.

    Args:
        root: The checkout.
        directory: The directory to write. An earlier one is replaced.
    """

    def __init__(self, root: Path, directory: Path) -> None:
        self._pages = Pages(root)
        self._links = SiteLinks(self._pages)
        self._directory = directory
        self._commands = commands.commands_of(build_parser())
        self._sites = dict(self._drawn_sites())

    def write(self) -> None:
        """Write all pages, the help of the commands, and the files to which pages lead."""
        shutil.rmtree(self._directory, ignore_errors=True)
        for path, name in self._pages.names.items():
            self._write(name, self._page(path))
        for command in self._commands:
            self._write(PurePosixPath("commands", f"{command.name}.md"), command.page())
        if _RULES in self._pages.names:
            self._write(juju_rules.NAME, juju_rules.page(FIXES))
        for site in self._sites.values():
            pictures.draw(site, self._directory / pictures.DIRECTORY)
        for path in sorted(self._links.files):
            self._copy(path)

    def _page(self, path: PurePosixPath) -> str:
        text = pictures.with_first_picture(self._links.change(self._pages.text(path), path))
        listing = text if is_index(path) else ""
        if examples.is_example(path):
            files = examples.files_section(self._pages.root / path.parent)
            listing = self._links.change(files, path)
            text = "\n".join([text, *self._picture(path), listing])
        elif path == _COMMANDS:
            listing = commands.overview(self._commands)
            text = f"{text}\n{listing}"
        elif path == _RULES:
            text = listing = f"{text}\n{juju_rules.listing()}"
        return "\n\n".join([text, *navigation.menus(listing)])

    def _picture(self, path: PurePosixPath) -> Iterator[str]:
        if path in self._sites:
            yield pictures.picture_section(path.parent.name)

    def _drawn_sites(self) -> Iterator[tuple[PurePosixPath, Path]]:
        """Yield the page and the site file of each example that can be drawn without options."""
        for path in filter(examples.is_example, self._pages.names):
            site = self._pages.root / path.with_name(examples.SITE_FILE)
            if site.is_file():
                yield path, site

    def _write(self, name: PurePosixPath, text: str) -> None:
        target = self._directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def _copy(self, path: PurePosixPath) -> None:
        target = self._directory / "files" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._pages.root / path, target)
