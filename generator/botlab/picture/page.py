"""The writer of the HTML page: the picture with a search, in one file that needs no network.

The page's policy for content (Content-Security-Policy) allows the page's own script, by its hash,
and its style sheets. The page cannot load anything, also if a text of the lab were to get out of
its place.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from xml.etree import ElementTree as ET

from .geometry import Drawing
from .svg import svg_element
from .themes import DARK, LIGHT, Palette, Theme, colour_rules, common_rules

_DIRECTORY = Path(__file__).resolve().parent
# The value of `media` of the dark style sheet. Paper is light.
_MEDIA = {
    "auto": "screen and (prefers-color-scheme: dark)",
    "dark": "screen",
    "light": "not all",
}


def write_page(drawing: Drawing, theme: Theme = "auto") -> str:
    """Return a drawing as an HTML page with a search.

    Args:
        drawing: The drawing.
        theme: The theme that the page begins with.
    """
    root = ET.Element("html", {"lang": "en"})
    _add_head(root, drawing, theme)
    body = ET.SubElement(root, "body")
    _add_header(body)
    svg = svg_element(drawing)
    # The parts of an image cannot have the focus.
    svg.set("role", "group")
    ET.SubElement(body, "main").append(svg)
    _add(body, "script", _text_of("page.js"))
    ET.indent(root, " ")
    return f"<!DOCTYPE html>\n{ET.tostring(root, encoding='unicode', method='html')}\n"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _add_head(root: ET.Element, drawing: Drawing, theme: Theme) -> None:
    head = ET.SubElement(root, "head")
    _add(head, "meta", charset="utf-8")
    _add(head, "meta", **{"http-equiv": "Content-Security-Policy", "content": _policy()})
    _add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _add(head, "title", drawing.title)
    common = _text_of("page.css") + common_rules()
    _add(head, "style", common + colour_rules("light") + _page_colours(LIGHT))
    dark = colour_rules("dark") + _page_colours(DARK)
    _add(head, "style", dark, id="dark", media=_MEDIA[theme])


def _policy() -> str:
    digest = hashlib.sha256(_text_of("page.js").encode()).digest()
    script = base64.b64encode(digest).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'"


def _page_colours(palette: Palette) -> str:
    background, text, edge = palette["background"], palette["text"], palette["card-edge"]
    chosen = f".part:focus-visible > .own > * {{ outline: 2px solid {palette['select']}; }}\n"
    return (
        f"body, header {{ background: {background}; color: {text}; border-color: {edge}; }}\n"
        f"header input, header button {{ background: {palette['card']}; color: {text};"
        f" border: 1px solid {edge}; border-radius: 6px; }}\n{chosen}"
    )


def _add_header(body: ET.Element) -> None:
    header = ET.SubElement(body, "header")
    _add(
        header,
        "input",
        type="search",
        placeholder="Search: name, address, application",
        **{"aria-label": "Search in the picture"},
    )
    _add(header, "button", "Light or dark", type="button")
    _add(header, "output", "Click a card, a unit or a line to see what belongs to it.")


def _text_of(name: str) -> str:
    return (_DIRECTORY / name).read_text(encoding="utf-8")
