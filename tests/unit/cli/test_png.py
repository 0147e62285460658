"""Pictures as PNG, with stand-ins for the browser."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.cli.png import BROWSERS, find_browser, write_png
from botlab.errors import BotlabError
from botlab.live.process import Program
from botlab.picture.geometry import Drawing
from helpers.live_models import EXAMPLES

SITE = EXAMPLES / "botlab" / "site.yaml"
DRAWING = Drawing(400, 300, "lab", "The lab", ())
IMAGE = b"\x89PNG\r\n\x1a\n" + b"x" * 60
# Writes the image that `IMAGE_FILE` names where the option says, as Chromium does.
BROWSER = """#!/bin/sh
for word; do
  case $word in
    --screenshot=*) cat "$IMAGE_FILE" > "${word#--screenshot=}" ;;
    file://*) cp "${word#file://}" "$SEEN" ;;
  esac
done
"""


def option(program: Program, name: str) -> str:
    """Return the value of an option of a program."""
    (text,) = (word for word in program.arguments if word.startswith(f"--{name}="))
    return text.partition("=")[2]


def drawing_program(calls: list[tuple[Program, str]]) -> Callable[[Program], None]:
    """Return what runs a browser: it notes the call with the SVG, and draws an image."""

    def run(program: Program) -> None:
        svg = Path(program.arguments[-1].removeprefix("file://"))
        calls.append((program, svg.read_text(encoding="utf-8")))
        Path(option(program, "screenshot")).write_bytes(IMAGE)

    return run


@pytest.mark.parametrize("installed", BROWSERS)
def test_installed_browser_is_found(installed: str) -> None:
    def find(name: str) -> str | None:
        return f"/usr/bin/{name}" if name == installed else None

    assert find_browser(find) == f"/usr/bin/{installed}"


def test_missing_browser_is_an_error_with_the_fix() -> None:
    with pytest.raises(BotlabError) as raised:
        find_browser(lambda name: None)

    assert str(raised.value) == (
        "a PNG is drawn by Chromium or Google Chrome, and neither is installed; install one (apt"
        " install chromium), or write lab.svg or lab.html with --output"
    )


def test_missing_browser_is_reported_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["picture", "missing.yaml", "-o", str(tmp_path / "lab.png")]) == 2
    assert "neither is installed" in capsys.readouterr().err


def test_browser_gets_the_size_and_files_beside_the_output(tmp_path: Path) -> None:
    """Its files are removed. A confined browser can read only some directories."""
    calls: list[tuple[Program, str]] = []

    assert write_png(DRAWING, "dark", "chromium", tmp_path, drawing_program(calls)) == IMAGE

    ((program, svg),) = calls
    assert option(program, "window-size") == "400,300"
    assert option(program, "force-device-scale-factor") == "2"
    assert Path(option(program, "screenshot")).parent.parent == tmp_path
    assert option(program, "user-data-dir").startswith(str(tmp_path))
    assert ("--no-sandbox" in program.arguments) == (os.geteuid() == 0)
    assert "#14171b" in svg
    assert list(tmp_path.iterdir()) == []


def test_theme_of_the_reader_is_light(tmp_path: Path) -> None:
    calls: list[tuple[Program, str]] = []

    write_png(DRAWING, "auto", "chromium", tmp_path, drawing_program(calls))

    assert "#f4f5f7" in calls[0][1]
    assert "prefers-color-scheme" not in calls[0][1]


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(400, 8192, "2"), (400, 8193, "1"), (3000, 5000, "2"), (3000, 5001, "1"), (6000, 10000, "1")],
)
def test_large_image_has_one_pixel_for_each_of_the_drawing(
    width: int, height: int, scale: str, tmp_path: Path
) -> None:
    calls: list[tuple[Program, str]] = []
    drawing = Drawing(width, height, "", "", ())

    write_png(drawing, "light", "chromium", tmp_path, drawing_program(calls))

    assert option(calls[0][0], "force-device-scale-factor") == scale


def test_image_of_which_a_browser_may_leave_parts_empty_is_an_error(tmp_path: Path) -> None:
    calls: list[tuple[Program, str]] = []
    drawing = Drawing(3680, 18365, "", "", ())

    with pytest.raises(BotlabError) as raised:
        write_png(drawing, "light", "chromium", tmp_path, drawing_program(calls))

    assert str(raised.value) == (
        "the picture has 3680 x 18365 pixels, and a PNG at most 60,000,000; write an SVG (--output"
        " lab.svg), or leave out --every-machine if it is given"
    )
    assert calls == []


def test_browser_without_an_image_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BotlabError, match="chromium: drew no image"):
        write_png(DRAWING, "light", "chromium", tmp_path, lambda program: None)

    assert list(tmp_path.iterdir()) == []


def test_directory_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BotlabError, match="missing: cannot be written: No such file"):
        write_png(DRAWING, "light", "chromium", tmp_path / "missing", lambda program: None)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "#!/bin/sh\nprintf 'a\nno display' >&2\nexit 3\n",
            "ended with status 3: no display",
        ),
        ("#!/bin/sh\nexit 4\n", "ended with status 4\n"),
        ("not a program", "drew no image: "),
    ],
)
def test_failure_of_the_browser_is_an_error(
    script: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    install(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "out").mkdir()

    assert main(["picture", str(SITE), "-o", str(tmp_path / "out" / "lab.png")]) == 2

    assert message in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def install(directory: Path, script: str) -> None:
    """Write a browser."""
    program = directory / "chromium"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)


def test_png_is_replaced_unless_it_was_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through a program that draws an image, with the mark in it."""
    install(tmp_path, BROWSER)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("IMAGE_FILE", str(tmp_path / "image"))
    monkeypatch.setenv("SEEN", str(tmp_path / "seen.svg"))
    (tmp_path / "image").write_bytes(IMAGE)
    output = tmp_path / "lab.png"
    command = ["picture", str(SITE), "-o", str(output)]

    assert main(command) == 0
    assert b"tEXtSoftware\0botlab " in output.read_bytes()
    assert "<title>botlab</title>" in (tmp_path / "seen.svg").read_text(encoding="utf-8")
    (tmp_path / "image").write_bytes(IMAGE + b"y")
    assert main(command) == 0
    assert output.read_bytes().endswith(b"xy")
    output.write_bytes(output.read_bytes() + b"z")
    assert main(command) == 2
    assert "lab.png: was edited after botlab wrote it" in capsys.readouterr().err
