"""The pictures of the examples, as `botlab picture` draws them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from botlab.cli import main
from botlab.errors import BotlabError

THEMES = ("light", "dark")
DIRECTORY = PurePosixPath("pictures")
# A line of a page that stands for the picture of an example.
_MARK = re.compile(r"^<!-- picture: examples/(?P<name>[a-z0-9-]+) -->$", re.MULTILINE)


def draw(site: Path, directory: Path) -> None:
    """Draw the lab of a site file in each theme.

    Args:
        site: The site file of an example.
        directory: The directory to write.

    Raises:
        BotlabError: When a picture cannot be drawn, with what `botlab picture` prints.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        picture = directory / f"{site.parent.name}-{theme}.svg"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = main(["picture", str(site), "--theme", theme, "-o", str(picture)])
        if status:
            raise BotlabError(f"{site}: no picture can be drawn\n{printed.getvalue()}")


def with_first_picture(text: str) -> str:
    """Return the text of the first page with the upper part of a picture in place of its mark.

    The picture leads to the page of its example.
    """
    return _MARK.sub(
        lambda mark: _blocks(mark["name"], f"examples/{mark['name']}/index.html", "first-picture"),
        text,
    )


def picture_section(name: str) -> str:
    """Return the section with the picture of an example, which leads to the picture alone."""
    return f"## Picture\n\n{_blocks(name, '../../_images/{file}', 'lab-picture')}\n"


def _blocks(name: str, target: str, kind: str) -> str:
    return "\n\n".join(_block(name, theme, target, kind) for theme in THEMES)


def _block(name: str, theme: str, target: str, kind: str) -> str:
    return "\n".join(_lines(f"{name}-{theme}.svg", name, theme, target, kind))


def _lines(file: str, name: str, theme: str, target: str, kind: str) -> Iterator[str]:
    yield f"```{{image}} /{DIRECTORY / file}"
    yield f":class: {kind} only-{theme}"
    yield f":alt: The machines, networks, storage and applications of the example {name}"
    yield f":target: {target.format(file=file)}"
    yield "```"
