"""Pictures as PNG, drawn by an installed Chromium or Google Chrome.

A browser draws what the tests of the pictures look at, and its package brings fonts. A library
would be one more dependency, and would draw no text on a server without fonts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import BotlabError
from ..file_output import writing
from ..live.errors import LiveError
from ..live.process import ProcessRunner, Program
from ..picture.geometry import Drawing
from ..picture.svg import write_svg
from ..picture.themes import Theme
from ..signals import ended_by_signals

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 120.0
# Beyond this number of pixels, an image has one pixel for each of the drawing instead of two.
_LARGEST_SHARP = 16384
# On a busy computer, Chromium 156 left parts of images with 68 million pixels and more empty. It
# drew images with 64 million pixels whole.
_MOST_PIXELS = 60_000_000
# No first-run pages, no extensions, no connections of the browser's own.
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
)
_Run = Callable[[Program], None]


def find_browser(find: Callable[[str], str | None] = shutil.which) -> str:
    """Return the path of an installed browser.

    Args:
        find: Returns the path of a program, or None.

    Raises:
        BotlabError: When none is installed.
    """
    for name in BROWSERS:
        path = find(name)
        if path:
            return path
    raise BotlabError(
        "a PNG is drawn by Chromium or Google Chrome, and neither is installed; install one (apt"
        " install chromium), or write lab.svg or lab.html with --output"
    )


def write_png(
    drawing: Drawing, theme: Theme, browser: str, directory: Path, run: _Run | None = None
) -> bytes:
    """Return a drawing as PNG.

    Args:
        drawing: The drawing.
        theme: The theme; ``auto`` is light.
        browser: The program of the browser.
        directory: A directory for temporary files, the one of the output: a browser that is
            confined cannot read others.
        run: Runs the program; tests pass another one.

    Raises:
        BotlabError: When the browser does not draw it.
    """
    _check_size(drawing)
    text = write_svg(drawing, "light" if theme == "auto" else theme)
    # Processes of the browser may write to its profile after the browser itself has ended.
    with (
        ended_by_signals(),
        writing(directory),
        tempfile.TemporaryDirectory(
            dir=directory, prefix="botlab-", ignore_cleanup_errors=True
        ) as name,
    ):
        source, image = Path(name, "picture.svg"), Path(name, "picture.png")
        source.write_text(text, encoding="utf-8")
        (run or _run)(Program(_arguments(drawing, browser, source, image), browser))
        if not image.is_file():
            raise BotlabError(
                f"{browser}: drew no image in {directory}. A browser from a snap can use only"
                " directories below your home directory; name a file there, or write an SVG"
            )
        return image.read_bytes()


def _arguments(drawing: Drawing, browser: str, source: Path, image: Path) -> Sequence[str]:
    # Chromium's sandbox does not work for root. The file has no scripts and loads nothing.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return (
        browser,
        *_OPTIONS,
        *sandbox,
        f"--user-data-dir={source.parent / 'profile'}",
        f"--window-size={drawing.width},{drawing.height}",
        f"--force-device-scale-factor={_scale(drawing)}",
        f"--screenshot={image}",
        source.as_uri(),
    )


def _scale(drawing: Drawing) -> int:
    """Return how many pixels the image has for one of the drawing, in each direction."""
    is_narrow = 2 * max(drawing.width, drawing.height) <= _LARGEST_SHARP
    return 2 if is_narrow and 4 * drawing.width * drawing.height <= _MOST_PIXELS else 1


def _check_size(drawing: Drawing) -> None:
    """Check that the browser draws the whole image.

    Raises:
        BotlabError: When it is too large.
    """
    if drawing.width * drawing.height > _MOST_PIXELS:
        raise BotlabError(
            f"the picture has {drawing.width} x {drawing.height} pixels, and a PNG at most"
            f" {_MOST_PIXELS:,}; write an SVG (--output lab.svg), or leave out --every-machine if"
            " it is given"
        )


def _run(program: Program) -> None:
    runner = ProcessRunner()
    runner.open()
    try:
        result = runner.run(program, _SECONDS)
    except (LiveError, OSError) as error:
        raise BotlabError(f"{program.call}: drew no image: {error}") from None
    finally:
        runner.close()
    if result.status:
        lines = result.stderr.strip().splitlines()
        reason = f": {lines[-1]}" if lines else ""
        raise BotlabError(f"{program.call}: ended with status {result.status}{reason}")
