"""The HTML page is one file that loads nothing and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from botlab.picture.layout import drawing_of
from botlab.picture.page import write_page
from botlab.picture.svg import write_svg
from botlab.picture.themes import DARK, LIGHT, Palette, Theme
from botlab.visible_text import visible
from helpers.pictured_labs import (
    HOSTILE_TEXTS,
    example_picture,
    hostile_picture,
    picture_in_all_states,
)


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self._open.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Note that a tag ends."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.setdefault(self._open[-1] if self._open else "", []).append(data)


def test_page_has_one_script_and_no_references() -> None:
    page = Page(write_page(drawing_of(example_picture("botlab"))))

    assert page.tags.count("script") == 1
    assert {name for _, name, _ in page.attributes} & {"src", "href", "style", "action"} == set()
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "@import" not in "".join(page.texts["style"])
    assert "url(" not in "".join(page.texts["style"])


def test_policy_allows_only_the_script_of_the_page() -> None:
    """Browsers compare the hash of the text in the element (CSP 3, section 6.7.3.3)."""
    text = write_page(drawing_of(example_picture("botlab")))

    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert ("meta", "content", policy) in Page(text).attributes
    assert text.index(policy) < text.index("<style>")


def test_hostile_texts_are_only_text() -> None:
    hostile, plain = (
        Page(write_page(drawing_of(picture)))
        for picture in (hostile_picture(), picture_in_all_states())
    )

    assert set(hostile.tags) == set(plain.tags)
    assert hostile.tags.count("script") == 1
    assert {name for _, name, _ in hostile.attributes} - {"textlength", "lengthadjust"} == {
        name for _, name, _ in plain.attributes
    } - {"textlength", "lengthadjust"}
    titles = "\n".join(hostile.texts["title"])
    assert all(visible(text) in titles for text in HOSTILE_TEXTS)


@pytest.mark.parametrize(
    ("theme", "media"),
    [
        ("auto", "screen and (prefers-color-scheme: dark)"),
        ("light", "not all"),
        ("dark", "screen"),
    ],
)
def test_page_begins_with_the_theme(theme: Theme, media: str) -> None:
    page = Page(write_page(drawing_of(example_picture("botlab")), theme))

    assert ("style", "media", media) in page.attributes


def test_page_has_the_whole_picture() -> None:
    drawing = drawing_of(example_picture("two-racks"))
    page, svg = Page(write_page(drawing)), Page(write_svg(drawing))

    keys = [value for _, name, value in page.attributes if name == "data-key"]
    assert keys == [value for _, name, value in svg.attributes if name == "data-key"]
    assert page.texts["text"] == svg.texts["text"]


def rules_of(page: str) -> dict[str, str]:
    """Return the properties of each selector of a page's style sheets, apart from paper's."""
    sheets = "".join(Page(page).texts["style"])
    sheets = re.sub(r"@media print \{(?:[^{}]*\{[^}]*\})*\s*\}", "", sheets)
    rules = re.findall(r"([^{}]+) \{([^{}]+)\}", sheets)
    return {part.strip(): body for selectors, body in rules for part in selectors.split(",\n")}


@pytest.mark.parametrize("mode", ["searched .part[data-key]:not(.match)",
                                  "chosen .part[data-key]:not(.related)"])  # fmt: skip
def test_parts_that_do_not_belong_to_a_choice_are_dim(mode: str) -> None:
    rules = rules_of(write_page(drawing_of(example_picture("botlab"))))

    assert rules[f".{mode} > .own"].strip() == "opacity: 0.18;"


def test_lines_that_belong_to_a_choice_are_wider() -> None:
    rules = rules_of(write_page(drawing_of(example_picture("botlab"))))

    for mode, chosen in (("searched", "match"), ("chosen", "related")):
        wide = rules[f".{mode} .part-relation.{chosen} > .own .line"]
        assert wide.strip() == "stroke-width: 3.5;"
    assert rules[".line"].strip() == "fill: none; stroke-width: 2;"


def test_header_stays_at_the_top_of_a_long_page() -> None:
    rules = rules_of(write_page(drawing_of(example_picture("botlab"))))

    assert "position: sticky; top: 0;" in rules["header"]


def test_paper_has_the_picture_without_the_search() -> None:
    sheets = "".join(Page(write_page(drawing_of(example_picture("botlab")))).texts["style"])

    paper = " ".join(sheets.partition("@media print {")[2].split())
    assert paper.startswith("header { display: none; } main { overflow: visible; }")


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_part_with_the_focus_has_an_outline(palette: Palette) -> None:
    page = write_page(drawing_of(example_picture("botlab")))

    outline = f".part:focus-visible > .own > * {{ outline: 2px solid {palette['select']}; }}"
    assert outline in page
