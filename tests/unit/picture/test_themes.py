"""The colours have enough contrast, and colour-blind people can distinguish states and lines."""

from __future__ import annotations

import itertools
import re

import pytest

from botlab.picture.model import Health
from botlab.picture.themes import DARK, FONT, LIGHT, Palette, Theme, style_sheet

Rgb = tuple[float, float, float]
# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (2009), severity 1.0, for linear RGB.
VISIONS: dict[str, tuple[Rgb, Rgb, Rgb]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
PALETTES: dict[Theme, Palette] = {"light": LIGHT, "dark": DARK}
STATES = [health.value for health in Health if health is not Health.PLANNED]
LINES = [name for name in LIGHT if name.startswith("line-")]
palettes = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
themes = pytest.mark.parametrize(("theme", "palette"), PALETTES.items())


def linear(colour: str) -> Rgb:
    """Return a colour as linear RGB (the definition of sRGB)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _to_linear(red), _to_linear(green), _to_linear(blue)


def _to_linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    lights = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (linear(first), linear(second))
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(colour: Rgb) -> Rgb:
    """Return a colour in the space CIELAB, for the white D65."""
    red, green, blue = (min(max(part, 0.0), 1.0) for part in colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(first: str, second: str, vision: str) -> float:
    """Return how different two colours look (CIE 1976). 2.3 is just noticeable."""
    seen = [
        lab(tuple(sum(a * b for a, b in zip(row, linear(colour), strict=True))
                  for row in VISIONS[vision]))
        for colour in (first, second)
    ]  # fmt: skip
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


@palettes
def test_texts_have_the_contrast_that_wcag_asks_for(palette: Palette) -> None:
    """4.5 for texts, on each background that they are on."""
    backgrounds = ("background", "card", "frame", "unit", "container")

    for text, ground in itertools.product(("text", "muted"), backgrounds):
        assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
    assert contrast(palette["badge-text"], palette["badge"]) >= 4.5


@palettes
def test_lines_and_signs_have_the_contrast_that_wcag_asks_for(palette: Palette) -> None:
    """3 for graphics."""
    for name in (*LINES, "select"):
        assert contrast(palette[name], palette["background"]) >= 3, name
    for name, ground in itertools.product(STATES, ("background", "card", "unit", "frame")):
        assert contrast(palette[name], palette[ground]) >= 3, (name, ground)


@pytest.mark.parametrize("vision", VISIONS)
@palettes
def test_colours_of_states_can_be_distinguished(palette: Palette, vision: str) -> None:
    """Their signs also differ in form."""
    for first, second in itertools.combinations(STATES, 2):
        assert difference(palette[first], palette[second], vision) >= 15, (first, second)


@pytest.mark.parametrize("vision", VISIONS)
@palettes
def test_colours_of_lines_can_be_distinguished(palette: Palette, vision: str) -> None:
    """More than those of states, since a line has no other sign."""
    for first, second in itertools.combinations(LINES, 2):
        assert difference(palette[first], palette[second], vision) >= 20, (first, second)


def test_check_finds_colours_that_only_some_people_can_distinguish() -> None:
    assert difference("#a35b00", "#c03d00", "usual") > 20
    assert difference("#a35b00", "#c03d00", "deuteranopia") < 3


def rules_of(theme: Theme) -> dict[str, dict[str, str]]:
    """Return the properties of each selector of a style sheet."""
    rules: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+) \{([^{}]+)\}", style_sheet(theme)):
        properties = dict(re.findall(r"([a-z-]+): ([^;]+);", body))
        for selector in selectors.strip().split(", "):
            rules.setdefault(selector, {}).update(properties)
    return rules


@themes
def test_shapes_have_the_colours_of_their_names(theme: Theme, palette: Palette) -> None:
    rules = rules_of(theme)

    for state in STATES:
        assert rules[f".sign-{state}"]["fill"] == palette[state]
        assert rules[f".mark-{state}"]["stroke"] == palette["card"]
        edge = "unit-edge" if state == "ready" else state
        assert rules[f".unit-{state}"]["stroke"] == palette[edge]
    for line in LINES:
        assert rules[f".line.{line}"]["stroke"] == rules[f".dot.{line}"]["fill"] == palette[line]
    for name in ("background", "card", "frame", "badge", "text", "muted", "badge-text"):
        assert rules[f".{name}"]["fill"] == palette[name]
    problems = {"fill": palette["card"], "stroke": palette["failed"]}
    assert rules[".problems"] == problems
    assert rules[".line"] == {"fill": "none", "stroke-width": "2"}


@themes
def test_frames_have_visible_edges(theme: Theme, palette: Palette) -> None:
    """Those of containers and of applications in other models are dashed."""
    rules = rules_of(theme)

    for name in ("card", "sheet", "frame", "remote"):
        assert rules[f".{name}"]["stroke"] == palette["card-edge"]
    for name in ("container", "unit-planned", "unit-ready"):
        assert rules[f".{name}"]["stroke"] == palette["unit-edge"]
    assert rules[".sheet"]["fill"] == palette["card"]
    assert rules[".remote"]["fill"] == "none"
    assert rules[".unit-planned"]["fill"] == palette["unit"]
    dashes = {
        name: rule["stroke-dasharray"]
        for name, rule in rules.items()
        if "stroke-dasharray" in rule
    }
    assert dashes == {".remote": "5 4", ".container": "4 3"}


@themes
def test_units_that_are_not_ready_and_marks_have_wide_strokes(
    theme: Theme, palette: Palette
) -> None:
    rules = rules_of(theme)

    for state in STATES:
        mark = {"stroke": palette["card"], "stroke-width": "1.8", "stroke-linecap": "round"}
        assert rules[f".mark-{state}"] == {"fill": "none", **mark}
        assert rules[f".unit-{state}"].get("stroke-width") == ("1.5" if state != "ready" else None)


def test_texts_have_the_fonts_whose_widths_are_known() -> None:
    assert rules_of("light")[".picture text"] == {"font-family": FONT}


def test_both_themes_have_the_same_names() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_theme_of_the_reader_switches_all_colours() -> None:
    sheet, dark = style_sheet("auto"), style_sheet("dark")

    before, _, after = sheet.partition("@media screen and (prefers-color-scheme: dark) {\n")
    assert before == style_sheet("light")
    assert after.removesuffix("\n}\n") in dark
    assert "prefers-color-scheme" not in dark
