"""The colours of pictures, for light and dark backgrounds.

The hues are near those of Okabe and Ito ("Color Universal Design", 2008), which people with any
kind of colour blindness can distinguish. Their lightness is changed where they lack contrast to a
background or, after that, differ too little. The tests compute contrasts, and how different the
colours of the states, and those of the lines, look with each kind of colour blindness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from .model import Health

Theme = Literal["light", "dark", "auto"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
Palette = Mapping[str, str]

LIGHT: Palette = {
    "background": "#f4f5f7",
    "card": "#ffffff",
    "card-edge": "#b6bcc6",
    "frame": "#e9ecf1",
    "unit": "#f1f4f9",
    "unit-edge": "#c9d1dd",
    "container": "#fbfcfe",
    "text": "#1b1f24",
    "muted": "#525b67",
    "badge": "#8f3f71",
    "badge-text": "#ffffff",
    "select": "#0072b2",
    "ready": "#008560",
    "busy": "#004f9e",
    "blocked": "#b57600",
    "failed": "#9c1c00",
    "absent": "#7f8792",
    "line-0": "#006aad",
    "line-1": "#e26a12",
    "line-2": "#0fa071",
    "line-3": "#af5388",
    "line-4": "#795500",
    "line-5": "#3a3f47",
}
DARK: Palette = {
    "background": "#14171b",
    "card": "#1f242b",
    "card-edge": "#4b5563",
    "frame": "#191d23",
    "unit": "#2a313a",
    "unit-edge": "#46505e",
    "container": "#232931",
    "text": "#eef1f5",
    "muted": "#aab4c2",
    "badge": "#e3a3c9",
    "badge-text": "#1b1f24",
    "select": "#56b4e9",
    "ready": "#3ddc9f",
    "busy": "#3a8fd6",
    "blocked": "#f5c04a",
    "failed": "#e8552f",
    "absent": "#c9d0da",
    "line-0": "#55b2e7",
    "line-1": "#ff8552",
    "line-2": "#60ecb2",
    "line-3": "#c989ad",
    "line-4": "#f0e442",
    "line-5": "#d1d8e4",
}
_LINES = tuple(name for name in LIGHT if name.startswith("line-"))
_STATES = tuple(health.value for health in Health if health is not Health.PLANNED)


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of a picture.

    Args:
        theme: The theme. ``auto`` is light or dark as the reader's program is, and light on paper.
    """
    if theme == "dark":
        return _sheet(DARK)
    if theme == "light":
        return _sheet(LIGHT)
    dark = "\n".join(_rules(DARK))
    return f"{_sheet(LIGHT)}@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def colour_rules(theme: Literal["light", "dark"]) -> str:
    """Return the rules that differ between the themes."""
    return "\n".join(_rules(DARK if theme == "dark" else LIGHT)) + "\n"


def common_rules() -> str:
    """Return the rules that the themes share."""
    return f".picture text {{ font-family: {FONT}; }}\n.line {{ fill: none; stroke-width: 2; }}\n"


def _sheet(palette: Palette) -> str:
    return common_rules() + "\n".join(_rules(palette)) + "\n"


def _rules(palette: Palette) -> Iterator[str]:
    """Yield the rules of a theme. Programs that draw SVG often know no variables of CSS."""
    yield _rule(".background", palette["background"])
    yield _rule(".card, .sheet", palette["card"], palette["card-edge"])
    yield _rule(".frame", palette["frame"], palette["card-edge"])
    yield _rule(".remote", "none", palette["card-edge"], "stroke-dasharray: 5 4")
    yield _rule(".container", palette["container"], palette["unit-edge"], "stroke-dasharray: 4 3")
    yield _rule(".unit-planned, .unit-ready", palette["unit"], palette["unit-edge"])
    yield _rule(".problems", palette["card"], palette["failed"])
    yield _rule(".badge", palette["badge"])
    for name in ("text", "muted", "badge-text"):
        yield _rule(f".{name}", palette[name])
    for state in _STATES:
        yield from _state_rules(state, palette)
    for name in _LINES:
        yield f".line.{name} {{ stroke: {palette[name]}; }}"
        yield _rule(f".dot.{name}", palette[name])


def _state_rules(state: str, palette: Palette) -> Iterator[str]:
    """Yield the rules of a health: its sign, and the edges of its units."""
    if state != "ready":
        yield _rule(f".unit-{state}", palette["unit"], palette[state], "stroke-width: 1.5")
    yield _rule(f".sign-{state}", palette[state])
    mark = f"stroke: {palette['card']}; stroke-width: 1.8; stroke-linecap: round;"
    yield f".mark-{state} {{ fill: none; {mark} }}"


def _rule(selector: str, fill: str, stroke: str = "", further: str = "") -> str:
    edge = f" stroke: {stroke};" if stroke else ""
    more = f" {further};" if further else ""
    return f"{selector} {{ fill: {fill};{edge}{more} }}"
