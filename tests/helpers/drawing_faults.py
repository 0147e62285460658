"""Faults in the structure of a drawing: overlaps, texts that do not fit, lines without an end."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from botlab.picture.geometry import Box, Drawing, Line, Part, Point, Rectangle, Sign, Text

# A line may touch the edge of a card, and only there.
Segment = tuple[Point, Point]


def drawing_faults(drawing: Drawing) -> list[str]:
    """Return what is wrong with a drawing."""
    page = Box(0, 0, drawing.width, drawing.height)
    parts = list(drawing.walk())
    cards = [part for part in drawing.parts if part.kind != "relation"]
    relations = [part for part in parts if part.kind == "relation"]
    return [
        *(
            f"{_name(part)} is outside of the page"
            for part in parts
            if not page.contains(part.box)
        ),
        *_overlaps(cards),
        *(fault for part in parts for fault in _inner_faults(part)),
        *_repeated_keys(parts),
        *_line_faults(relations, {part.key: part.box for part in cards}),
        *_joined_lines(relations),
    ]


def _name(part: Part) -> str:
    return part.key or part.kind


def _overlaps(parts: Sequence[Part]) -> Iterator[str]:
    solid = [part for part in parts if part.box.width]
    for first, second in itertools.combinations(solid, 2):
        if first.box.overlaps(second.box):
            yield f"{_name(first)} overlaps {_name(second)}"


def _inner_faults(part: Part) -> Iterator[str]:
    """Yield the faults of a part: its texts and the parts inside of it."""
    yield from _overlaps(part.parts)
    for inner in part.parts:
        if inner.box.width and not part.box.contains(inner.box):
            yield f"{_name(inner)} is not inside of {_name(part)}"
    boxes = [_shape_box(shape) for shape in part.shapes if isinstance(shape, Text | Sign)]
    for box in boxes:
        if not part.box.contains(box):
            yield f"a text or sign of {_name(part)} is outside of its box: {box}"
        yield from (f"a text of {_name(part)} is below {_name(inner)}" for inner in part.parts
                    if box.overlaps(inner.box))  # fmt: skip
    for first, second in itertools.combinations(boxes, 2):
        if first.overlaps(second):
            yield f"two texts of {_name(part)} overlap: {first}, {second}"
    for shape in part.shapes:
        if isinstance(shape, Rectangle) and not part.box.contains(shape.box):
            yield f"a rectangle of {_name(part)} is outside of its box"


def _shape_box(shape: Text | Sign) -> Box:
    """Return the box of a text without the descent, which may reach the line below."""
    if isinstance(shape, Sign):
        return Box(shape.x - 6, shape.y - 6, 12, 12)
    return Box(shape.x, shape.y - shape.size * 3 // 4, shape.box.width, shape.size * 3 // 4)


def _repeated_keys(parts: Sequence[Part]) -> Iterator[str]:
    counts = Counter(part.key for part in parts if part.key)
    return (f"the key {key} appears {count} times" for key, count in counts.items() if count > 1)


def _line_faults(relations: Sequence[Part], cards: dict[str, Box]) -> Iterator[str]:
    """Yield the lines that do not lead from one card to the other, or go through a card."""
    applications = [box for key, box in cards.items() if key.startswith("application:")]
    for relation in relations:
        points = line_of(relation).points
        ends = {key for key in relation.related for point in (points[0], points[-1])
                if _is_on_edge(point, cards[key])}  # fmt: skip
        if ends != set(relation.related):
            yield f"{relation.key} does not end at its cards"
        for segment in itertools.pairwise(points):
            if segment[0][0] != segment[1][0] and segment[0][1] != segment[1][1]:
                yield f"{relation.key} is not at right angles"
            if any(_crosses(segment, box) for box in applications):
                yield f"{relation.key} goes through a card"


def line_of(relation: Part) -> Line:
    """Return the line of a relation."""
    (line,) = (shape for shape in relation.shapes if isinstance(shape, Line))
    return line


def _is_on_edge(point: Point, box: Box) -> bool:
    return point[0] in (box.x, box.right) and box.y < point[1] < box.bottom


def _crosses(segment: Segment, box: Box) -> bool:
    (x1, y1), (x2, y2) = segment
    reach = Box(min(x1, x2), min(y1, y2), max(abs(x1 - x2), 1), max(abs(y1 - y2), 1))
    inner = Box(box.x + 1, box.y + 1, box.width - 2, box.height - 2)
    return reach.overlaps(inner)


def _joined_lines(relations: Sequence[Part]) -> Iterator[str]:
    """Yield the pairs of lines that lie on each other and do not start at the same endpoint."""
    tracks: dict[tuple[str, int], list[tuple[int, int, Point, str]]] = {}
    for relation in relations:
        points = line_of(relation).points
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            track = ("y", y1) if y1 == y2 else ("x", x1)
            start, end = sorted((x1, x2) if y1 == y2 else (y1, y2))
            if start != end:
                tracks.setdefault(track, []).append((start, end, points[0], relation.key))
    for pieces in tracks.values():
        for first, second in itertools.combinations(pieces, 2):
            is_same_net = first[2] == second[2]
            if not is_same_net and first[0] < second[1] and second[0] < first[1]:
                yield f"{first[3]} lies on {second[3]}"
