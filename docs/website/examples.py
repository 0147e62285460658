"""The files of an example, shown below its page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

SITE_FILE = "site.yaml"
_SITE_FILES = (SITE_FILE, "lab.yaml")
_FILES = (".yaml", ".tf")


def is_example(path: PurePosixPath) -> bool:
    """Return whether a page of the repository describes an example."""
    return path.match("examples/*/README.md")


def files_section(directory: Path) -> str:
    """Return the section that shows the site file of an example, and links to its other files.

    A page beside the page of the example, such as its runbook, is an entry of a list, and so of
    the menu. The links are those of a page in the directory.
    """
    return "\n\n".join(["## Files", *_parts(directory)]) + "\n"


def _parts(directory: Path) -> Iterator[str]:
    pages = sorted(page.name for page in directory.glob("*.md") if page.name != "README.md")
    if pages:
        yield "\n".join(f"- [{name.removesuffix('.md').capitalize()}]({name})" for name in pages)
    files = (path for path in directory.rglob("*") if path.suffix in _FILES)
    names = sorted(path.relative_to(directory).as_posix() for path in files)
    yield f"To download: {', '.join(f'[{name}]({name})' for name in names)}."
    for name in [name for name in _SITE_FILES if name in names][:1]:
        text = (directory / name).read_text(encoding="utf-8").rstrip()
        yield f"The site file `{name}`:"
        yield f"```yaml\n{text}\n```"
