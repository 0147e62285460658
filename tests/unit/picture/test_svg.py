"""SVG is well-formed, has no scripts, and shows all texts as they are."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from botlab.picture.geometry import Box, Dot, Drawing, Line, Part, Rectangle, Sign, Text
from botlab.picture.layout import drawing_of
from botlab.picture.model import Health
from botlab.picture.svg import NAMESPACE, write_svg
from botlab.picture.themes import THEMES, Theme
from botlab.visible_text import visible
from helpers.pictured_labs import (
    HOSTILE_TEXTS,
    example_picture,
    hostile_picture,
    picture_in_all_states,
)

TAGS = {"svg", "title", "desc", "style", "g", "rect", "text", "path", "circle"}
ATTRIBUTES = {
    *("class", "width", "height", "viewBox", "role", "x", "y", "rx", "cx", "cy", "r", "d"),
    *("font-size", "font-weight", "textLength", "lengthAdjust", "transform", "stroke-dasharray"),
    *("data-key", "data-related", "data-words"),
}


def elements(text: str) -> list[ET.Element]:
    """Return all elements, with their names without the namespace."""
    found = list(ET.fromstring(text).iter())  # noqa: S314 - a text of botlab's own
    for element in found:
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    return found


@pytest.mark.parametrize("theme", THEMES)
def test_svg_is_well_formed_and_has_only_known_elements(theme: Theme) -> None:
    drawing = drawing_of(picture_in_all_states())

    found = elements(write_svg(drawing, theme))

    assert {element.tag for element in found} == TAGS
    assert {name for element in found for name in element.attrib} <= ATTRIBUTES
    assert found[0].attrib["viewBox"] == f"0 0 {drawing.width} {drawing.height}"


@pytest.mark.parametrize("theme", THEMES)
def test_each_style_of_a_drawing_has_a_rule(theme: Theme) -> None:
    """A shape without a rule would be black."""
    found = elements(write_svg(drawing_of(picture_in_all_states()), theme))
    classes = {name for element in found for name in element.get("class", "").split()}

    (sheet,) = (element.text or "" for element in found if element.tag == "style")
    rules = set(re.findall(r"\.([a-z][a-z0-9-]*)", sheet))
    unstyled = {name for name in classes if not name.startswith("part")}
    assert unstyled - rules == {"own", "sign"}


def test_hostile_texts_are_only_text() -> None:
    """The elements are those of the same drawing with harmless texts."""
    text = write_svg(drawing_of(hostile_picture()))

    found = elements(text)
    assert {element.tag for element in found} == TAGS
    assert {name for element in found for name in element.attrib} <= ATTRIBUTES
    assert [line for line in text.split("\n") if not line.isprintable()] == []
    titles = [element.text or "" for element in found if element.tag == "title"]
    for hostile in HOSTILE_TEXTS[:-1]:
        assert any(visible(hostile) in title for title in titles)


def test_text_with_characters_of_unknown_width_is_fitted() -> None:
    shapes = (Text(0, 20, "узел"), Text(0, 40, "plain"))
    drawing = Drawing(100, 50, "", "", (Part("x", "", Box(0, 0, 90, 40), shapes=shapes),))

    fitted, plain = (each for each in elements(write_svg(drawing)) if each.tag == "text")
    assert fitted.attrib["textLength"] == str(shapes[0].box.width)
    assert fitted.attrib["lengthAdjust"] == "spacingAndGlyphs"
    assert "textLength" not in plain.attrib


def test_line_has_round_corners_and_no_points_twice() -> None:
    points = ((0, 0), (20, 0), (20, 0), (20, 40), (22, 40))
    shapes = (Line(points, "line-1", is_dashed=True), Line(((0, 0), (5, 0)), "line-0"))
    drawing = Drawing(50, 50, "", "", (Part("relation", "", Box(0, 0, 22, 40), shapes=shapes),))

    bent, straight = (each for each in elements(write_svg(drawing)) if each.tag == "path")
    assert bent.attrib == {
        "class": "line line-1",
        "d": "M0 0L15 0Q20 0 20 5L20 35Q20 40 21 40L22 40",
        "stroke-dasharray": "6 4",
    }
    assert straight.attrib["d"] == "M0 0L5 0"


def test_signs_differ_in_form() -> None:
    """Nobody needs the colours to read the states."""
    shapes = tuple(Sign(10, 10, health) for health in Health if health is not Health.PLANNED)
    drawing = Drawing(50, 50, "", "", (Part("x", "", Box(0, 0, 40, 40), shapes=shapes),))

    forms = Counter(e.get("d") for e in elements(write_svg(drawing)) if e.tag == "path")
    assert len(forms) == 2 * len(shapes)


def test_rectangle_has_its_style_and_corners() -> None:
    shape = Rectangle(Box(1, 2, 3, 4), "card", 5)
    drawing = Drawing(50, 50, "", "", (Part("x", "", Box(0, 0, 40, 40), shapes=(shape,)),))

    rectangle = elements(write_svg(drawing))[-1]
    assert rectangle.attrib == {
        "class": "card", "x": "1", "y": "2", "width": "3", "height": "4", "rx": "5"
    }  # fmt: skip


def test_dot_sign_and_bold_text_are_where_the_drawing_has_them() -> None:
    shapes = (
        Dot(7, 9, "line-1"),
        Sign(30, 20, Health.BUSY),
        Text(1, 2, "etcd", size=14, bold=True),
    )
    drawing = Drawing(50, 50, "", "", (Part("x", "", Box(0, 0, 40, 40), shapes=shapes),))

    found = elements(write_svg(drawing))
    (dot,) = (each for each in found if each.tag == "circle")
    (sign,) = (each for each in found if each.get("class") == "sign")
    (text,) = (each for each in found if each.tag == "text")
    assert dot.attrib == {"class": "dot line-1", "cx": "7", "cy": "9", "r": "3"}
    assert sign.attrib["transform"] == "translate(30 20)"
    assert [each.get("class") for each in sign] == ["sign-busy", "mark-busy"]
    assert text.attrib == {
        "class": "text", "x": "1", "y": "2", "font-size": "14", "font-weight": "bold"
    }  # fmt: skip


def test_svg_is_the_same_each_time() -> None:
    drawing = drawing_of(example_picture("modern"))

    assert write_svg(drawing) == write_svg(drawing)
