"""Pictures in a real browser: texts fit, themes apply, and the page searches and highlights.

The browser starts six times in all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.cli import main
from botlab.picture.geometry import Drawing, Rectangle, Text
from botlab.picture.layout import drawing_of
from botlab.picture.page import write_page
from botlab.picture.svg import write_svg
from botlab.picture.themes import DARK, LIGHT, Palette
from helpers.chromium import installed_browser
from helpers.framed_files import results_of
from helpers.live_models import EXAMPLES
from helpers.pictured_labs import (
    EXAMPLE_NAMES,
    SIZES,
    example_picture,
    hostile_picture,
    picture_in_all_states,
    picture_of_size,
)
from helpers.png_images import read_image

THEMES = {"light": LIGHT, "dark": DARK}
# Measures each text, and reads the colours that apply.
MEASURE = """
  const found = {};
  for (const [name, file] of Object.entries(documents)) {
    const fill = (selector) => {
      const element = file.querySelector(selector);
      return element ? getComputedStyle(element).fill : "";
    };
    found[name] = {
      root: file.documentElement.nodeName,
      texts: Array.from(file.querySelectorAll("text")).map((text) => {
        const box = text.getBBox();
        return [text.textContent, box.x, box.y, box.width, box.height];
      }),
      rectangles: Array.from(file.querySelectorAll(".own > rect")).map((rectangle) => {
        const box = rectangle.getBBox();
        return [box.x, box.y, box.width, box.height];
      }),
      background: fill(".background"), card: fill(".card"), text: fill(".text"),
    };
  }
  return found;
"""
# Types a search, presses a key, clicks, and looks at the marks after each step.
USE = """
  const page = documents["page.html"];
  const svg = page.querySelector("svg");
  const input = page.querySelector("input");
  const keys = (name) => Array.from(svg.querySelectorAll("." + name))
    .map((part) => part.dataset.key).sort();
  const click = (key) => svg.querySelector('[data-key="' + key + '"]')
    .dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const type = (text) => { input.value = text; input.dispatchEvent(new Event("input")); };
  const found = { frames: page.defaultView.frames.length };
  type("192.168.1.12");
  found.address = [keys("match"), svg.classList.contains("searched"),
    page.querySelector("output").textContent];
  type("easyrsa certificates flannel-351");
  found.nothing = [keys("match"), page.querySelector("output").textContent];
  type("");
  found.empty = [keys("match"), svg.classList.contains("searched")];
  click("application:flannel");
  found.application = keys("related");
  found.dimmed = getComputedStyle(svg.querySelector('[data-key="machine:2"] rect').parentElement)
    .opacity;
  const other = svg.querySelector('[data-key="application:easyrsa"] > .own');
  found.other = getComputedStyle(other).opacity;
  click("relation:3");
  found.relation = keys("related");
  page.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  found.cleared = [keys("related"), svg.classList.contains("chosen")];
  const card = () => getComputedStyle(svg.querySelector(".card")).fill;
  found.cards = [card()];
  page.querySelector("button").click();
  found.cards.push(card());
  page.querySelector("button").click();
  found.cards.push(card());
  return found;
"""


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drawing]:
    """The drawings of all examples, of three sizes, of a running lab, and of hostile texts."""
    directory = tmp_path_factory.mktemp("sites")
    pictures = {name: example_picture(name) for name in EXAMPLE_NAMES}
    pictures |= {f"{size}-machines": picture_of_size(size, directory) for size in SIZES}
    pictures["live"] = picture_in_all_states()
    pictures["live-model"] = picture_in_all_states(with_lab=False)
    pictures["hostile"] = hostile_picture()
    return {name: drawing_of(picture) for name, picture in pictures.items()}


@pytest.fixture(scope="module")
def measured(drawings: dict[str, Drawing], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the browser finds in the SVG files of all drawings, in both themes."""
    files = {
        f"{name}-{theme}.svg": write_svg(drawing, theme)
        for name, drawing in drawings.items()
        for theme in ("light", "dark")
    }
    return results_of(MEASURE, files, tmp_path_factory.mktemp("files"))


def names_of_drawings() -> list[str]:
    """Return the names of the drawings."""
    sizes = [f"{size}-machines" for size in SIZES]
    return [*EXAMPLE_NAMES, *sizes, "live", "live-model", "hostile"]


def shapes_of(drawing: Drawing, kind: type[Any]) -> list[Any]:
    """Return the shapes of a kind, in the order of the file."""
    return [shape for part in drawing.walk() for shape in part.shapes if isinstance(shape, kind)]


def rgb(colour: str) -> str:
    """Return a colour in the form of computed styles."""
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", names_of_drawings())
def test_texts_are_as_wide_as_the_layout_assumes(
    name: str, theme: str, drawings: dict[str, Drawing], measured: Any
) -> None:
    """At most; so no text leaves its card or covers another one, as the unit tests check."""
    found = measured[f"{name}-{theme}.svg"]

    assert found["root"] == "svg"
    texts = shapes_of(drawings[name], Text)
    assert [text for text, *_ in found["texts"]] == [shape.text for shape in texts]
    for shape, (text, x, y, width, height) in zip(texts, found["texts"], strict=True):
        assert width <= shape.box.width + 0.5, text
        assert not text or x == pytest.approx(shape.x, abs=1), text
        assert not text or y + height <= shape.y + shape.size * 0.35, text


@pytest.mark.parametrize("name", names_of_drawings())
def test_cards_are_where_the_layout_puts_them(
    name: str, drawings: dict[str, Drawing], measured: Any
) -> None:
    rectangles = [[*shape.box] for shape in shapes_of(drawings[name], Rectangle)]
    assert measured[f"{name}-light.svg"]["rectangles"] == rectangles


@pytest.mark.parametrize("theme", THEMES)
def test_colours_are_those_of_the_theme(theme: str, measured: Any) -> None:
    palette: Palette = THEMES[theme]
    for name in names_of_drawings():
        found = measured[f"{name}-{theme}.svg"]
        assert found["background"] == rgb(palette["background"])
        assert found["card"] == rgb(palette["card"])
        assert found["text"] == rgb(palette["text"])


def test_page_searches_and_highlights_under_its_policy(tmp_path: Path) -> None:
    """The policy of the page allows its script, whose hash it names."""
    page = write_page(drawing_of(example_picture("botlab")), "light")

    found = results_of(USE, {"page.html": page}, tmp_path)

    assert found["address"] == [["machine:2"], True, "1 match"]
    assert found["nothing"] == [[], "0 matches"]
    assert found["empty"] == [[], False]
    related = {*found["application"]}
    assert {"application:etcd", "application:kubernetes-worker", "relation:9"} < related
    assert {"machine:1", "unit:kubernetes-worker/1 flannel"} < related
    assert related.isdisjoint(("application:easyrsa", "relation:0", "resource:2"))
    assert (found["dimmed"], found["other"]) == ("1", "0.18")
    ends = ["application:easyrsa", "application:kubernetes-master"]
    assert found["relation"] == [*ends, "relation:3"]
    assert found["cleared"] == [[], False]
    assert found["cards"] == [rgb(LIGHT["card"]), rgb(DARK["card"]), rgb(LIGHT["card"])]


@pytest.mark.parametrize("theme", THEMES)
def test_picture_follows_the_setting_of_the_reader(theme: str, tmp_path: Path) -> None:
    """An SVG and a page with the theme `auto`."""
    drawing = drawing_of(picture_in_all_states())
    files = {"lab.svg": write_svg(drawing), "lab.html": write_page(drawing)}

    found = results_of(MEASURE, files, tmp_path, is_dark=theme == "dark")

    palette = THEMES[theme]
    for name in files:
        assert found[name]["background"] == rgb(palette["background"])
        assert found[name]["text"] == rgb(palette["text"])


@pytest.mark.parametrize("theme", THEMES)
def test_image_shows_the_cards_and_the_texts(theme: str, tmp_path: Path) -> None:
    """Each pixel of the drawing is two of the image, in both directions."""
    installed_browser()
    output = tmp_path / "lab.png"
    site = EXAMPLES / "existing-cluster" / "site.yaml"

    assert main(["picture", str(site), "-o", str(output), "--theme", theme]) == 0

    image, drawing = (
        read_image(output.read_bytes()),
        drawing_of(example_picture("existing-cluster")),
    )
    palette = THEMES[theme]
    assert (image.width, image.height) == (2 * drawing.width, 2 * drawing.height)
    assert image.colour(4, 4) == palette["background"]
    cards = [part for part in drawing.walk() if part.kind in ("machine", "application")]
    assert {image.colour(2 * part.box.x + 12, 2 * part.box.y + 12) for part in cards} == {
        palette["card"]
    }
    for shape in shapes_of(drawing, Text):
        x, y, width, height = (2 * number for number in shape.box)
        assert len(image.colours(x, y, width, height)) > 4, shape.text
