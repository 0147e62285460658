"""What a headless Chromium makes of files that are shown in frames, such as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helpers.chromium import installed_browser, started_browser

_DOCUMENTS = """Object.fromEntries(Array.from(document.querySelectorAll("iframe"),
  (frame) => [frame.getAttribute("src"), frame.contentDocument]))"""


def results_of(
    script: str, frames: dict[str, str], directory: Path, *, is_dark: bool = False
) -> Any:
    """Return what a script finds in files that are shown in frames.

    Args:
        script: The body of a function that gets the documents of the frames by their names, and
            returns the result.
        frames: The texts of the files, by their names.
        directory: A directory for the files.
        is_dark: Whether the reader of the files prefers dark colours.
    """
    for name, text in frames.items():
        (directory / name).write_text(text, encoding="utf-8")
    page = directory / "test.html"
    page.write_text(_page(list(frames)), encoding="utf-8")
    with started_browser(installed_browser()) as browser:
        browser.open(page.as_uri(), "dark" if is_dark else "light", width=1600, height=1200)
        return browser.evaluate(f"((documents) => {{ {script} }})({_DOCUMENTS})")


def _page(names: list[str]) -> str:
    frames = "".join(f'<iframe src="{name}" width="1500" height="900"></iframe>' for name in names)
    return f'<!DOCTYPE html><meta charset="utf-8">{frames}'
