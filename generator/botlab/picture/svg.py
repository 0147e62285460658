"""The writer of SVG. The XML library of Python escapes all texts."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from .geometry import Dot, Drawing, Line, Part, Point, Rectangle, Shape, Sign, Text
from .model import Health
from .text_width import has_known_widths
from .themes import Theme, style_sheet

NAMESPACE = "http://www.w3.org/2000/svg"
_CORNER = 5
# The forms of the signs: the outline, and the mark in it, around the origin.
_SIGNS: Mapping[Health, tuple[str, str]] = {
    Health.READY: ("M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z", "M-3 0.3L-0.8 2.6L3 -2.2"),
    Health.BUSY: ("M-6 -6H6V6H-6z", "M-3 0H-2.6M-0.2 0H0.2M2.6 0H3"),
    Health.BLOCKED: ("M0 -6.5L7 6H-7z", "M0 -2.5V1.6M0 3.4V4.2"),
    Health.FAILED: ("M-2.6 -6.4H2.6L6.4 -2.6V2.6L2.6 6.4H-2.6L-6.4 2.6V-2.6z",
                    "M-2.4 -2.4L2.4 2.4M2.4 -2.4L-2.4 2.4"),
    Health.ABSENT: ("M0 -6.5L6.5 0L0 6.5L-6.5 0z", "M-2.6 0H2.6"),
}  # fmt: skip


def write_svg(drawing: Drawing, theme: Theme = "auto") -> str:
    """Return a drawing as an SVG file without scripts.

    Args:
        drawing: The drawing.
        theme: The theme.
    """
    root = svg_element(drawing)
    root.set("xmlns", NAMESPACE)
    style = ET.Element("style")
    style.text = style_sheet(theme)
    root.insert(2, style)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode") + "\n"


def svg_element(drawing: Drawing) -> ET.Element:
    """Return a drawing as an element of SVG, without its style sheet and its namespace."""
    width, height = str(drawing.width), str(drawing.height)
    root = ET.Element(
        "svg",
        {
            "class": "picture",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
        },
    )
    _add(root, "title", drawing.title)
    _add(root, "desc", drawing.summary)
    ET.SubElement(root, "rect", {"class": "background", "width": width, "height": height})
    for part in drawing.parts:
        _add_part(root, part)
    return root


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _add_part(parent: ET.Element, part: Part) -> None:
    """Add a part: its shapes in a group of their own, and the parts inside of it."""
    group = ET.SubElement(parent, "g", {"class": f"part part-{part.kind}"})
    if part.key:
        group.set("data-key", part.key)
    if part.related:
        group.set("data-related", "\n".join(part.related))
    words = [word for word in dict.fromkeys(part.words) if word]
    if words:
        group.set("data-words", "\n".join(words))
    if part.title:
        _add(group, "title", part.title)
    if part.shapes:
        own = ET.SubElement(group, "g", {"class": "own"})
        for shape in part.shapes:
            _add_shape(own, shape)
    for inner in part.parts:
        _add_part(group, inner)


def _add_shape(own: ET.Element, shape: Shape) -> None:
    if isinstance(shape, Rectangle):
        _add_rectangle(own, shape)
    elif isinstance(shape, Text):
        _add_text(own, shape)
    elif isinstance(shape, Line):
        _add_line(own, shape)
    elif isinstance(shape, Dot):
        place = {"cx": str(shape.x), "cy": str(shape.y), "r": "3"}
        ET.SubElement(own, "circle", {"class": f"dot {shape.style}", **place})
    else:
        _add_sign(own, shape)


def _add_rectangle(own: ET.Element, shape: Rectangle) -> None:
    names = ("x", "y", "width", "height")
    box = {name: str(number) for name, number in zip(names, shape.box, strict=True)}
    ET.SubElement(own, "rect", {"class": shape.style, **box, "rx": str(shape.radius)})


def _add_text(own: ET.Element, shape: Text) -> None:
    place = {"x": str(shape.x), "y": str(shape.y), "font-size": str(shape.size)}
    element = ET.SubElement(own, "text", {"class": shape.style, **place})
    if shape.bold:
        element.set("font-weight", "bold")
    if not has_known_widths(shape.text):
        # The font of other characters is not known, so the reader's program fits them.
        element.set("textLength", str(shape.box.width))
        element.set("lengthAdjust", "spacingAndGlyphs")
    element.text = shape.text


def _add_line(own: ET.Element, shape: Line) -> None:
    element = ET.SubElement(own, "path", {"class": f"line {shape.style}"})
    element.set("d", _path(shape.points))
    if shape.is_dashed:
        element.set("stroke-dasharray", "6 4")


def _path(points: tuple[Point, ...]) -> str:
    """Return a path through points with round corners."""
    start, *inner, end = [point for point, after in zip(points, (*points[1:], None), strict=True)
                          if point != after]  # fmt: skip
    steps = [f"M{start[0]} {start[1]}"]
    before = start
    for corner, after in zip(inner, [*inner, end][1:], strict=True):
        first, last = _towards(corner, before), _towards(corner, after)
        steps.append(f"L{first[0]} {first[1]}Q{corner[0]} {corner[1]} {last[0]} {last[1]}")
        before = corner
    return "".join(steps) + f"L{end[0]} {end[1]}"


def _towards(corner: Point, point: Point) -> Point:
    """Return the point where the curve around a corner starts, on the way to another point."""

    def step(number: int, target: int) -> int:
        distance = min(_CORNER, abs(target - number) // 2)
        return number + distance if target > number else number - distance

    return step(corner[0], point[0]), step(corner[1], point[1])


def _add_sign(own: ET.Element, shape: Sign) -> None:
    outline, mark = _SIGNS[shape.health]
    place = f"translate({shape.x} {shape.y})"
    health = shape.health.value
    group = ET.SubElement(own, "g", {"class": "sign", "transform": place})
    ET.SubElement(group, "path", {"class": f"sign-{health}", "d": outline})
    ET.SubElement(group, "path", {"class": f"mark-{health}", "d": mark})
