"""The cards of networks, address pools and storage, the problems, and the legend."""

from __future__ import annotations

from collections.abc import Sequence

from .column import SIGN_WIDTH, Column
from .geometry import Box, Dot, Line, Part, Rectangle, Shape, Sign, Text
from .machine_cards import CARD_WIDTH
from .model import PLANNED, Health, LabPicture, Resource, State
from .text_width import text_width

_MOST_PROBLEMS = 12
_PADDING = 10
_SIGNS = {
    Health.READY: "ready",
    Health.BUSY: "busy or waiting",
    Health.BLOCKED: "blocked: somebody must act",
    Health.FAILED: "failed or lost",
    Health.ABSENT: "not in the model",
}


def resource_card(resource: Resource, number: int) -> Part:
    """Return the card of a network, a pool or storage at the origin.

    Args:
        resource: The resource.
        number: Its number, for its key.
    """
    column = Column(CARD_WIDTH, _PADDING)
    column.heading(resource.name, PLANNED, ((resource.kind, "muted"),))
    for line in resource.lines:
        column.paragraph(line, "text", 12)
    if resource.application:
        column.line(f"by {resource.application}", "muted", 11)
    box = column.box(_PADDING - 4)
    owner = (f"application:{resource.application}",) if resource.application else ()
    return Part(
        "resource",
        f"resource:{number}",
        box,
        "\n".join((f"{resource.kind} {resource.name}", *resource.lines)),
        (resource.name, resource.kind, *resource.lines, resource.application),
        owner,
        (Rectangle(box, "card"), *column.shapes),
    )


def problem_card(problems: Sequence[State], width: int) -> Part:
    """Return the card of what is not as it should be, at the origin.

    Args:
        problems: The problems; more than a dozen are only counted.
        width: The width of the card.
    """
    column = Column(width, _PADDING)
    column.line("Not ready", "text", 14, bold=True)
    column.gap(4)
    for problem in problems[:_MOST_PROBLEMS]:
        column.shapes.append(Sign(_PADDING + 7, column.y + 8, problem.health))
        column.paragraph(problem.text, "text", 12, most=2, indent=SIGN_WIDTH + 4)
        column.gap(4)
    if len(problems) > _MOST_PROBLEMS:
        column.line(f"and {len(problems) - _MOST_PROBLEMS} more", "muted")
    box = column.box(_PADDING - 4)
    shapes = (Rectangle(box, "problems"), *column.shapes)
    return Part("problems", "", box, shapes=shapes)


def legend(picture: LabPicture, width: int) -> Part:
    """Return the explanation of the signs and lines that a picture has, at the origin."""
    entries: list[tuple[Shape, ...]] = []
    if picture.is_live:
        entries += [_entry(Sign(7, 9, health), text) for health, text in _SIGNS.items()]
    if picture.relations:
        lines = (Line(((0, 9), (24, 9)), "line-0"), Dot(12, 9, "line-0"))
        entries.append(_entry(*lines, "relations of one endpoint, joined at a dot", at=30))
    if any(relation.is_local for relation in picture.relations):
        line = Line(((0, 9), (24, 9)), "line-0", is_dashed=True)
        text = "relation on the same machine: the subordinate is beside each unit"
        entries.append(_entry(line, text, at=30))
    shapes, height = _in_rows(entries, width)
    return Part("legend", "", Box(0, 0, width, height), shapes=tuple(shapes))


def _entry(*content: Shape | str, at: int = 20) -> tuple[Shape, ...]:
    return tuple(
        Text(at, 13, piece, "muted", 11) if isinstance(piece, str) else piece for piece in content
    )


def _in_rows(entries: Sequence[tuple[Shape, ...]], width: int) -> tuple[list[Shape], int]:
    """Return entries beside each other, in as many rows as they need, and their height."""
    shapes: list[Shape] = []
    x = y = 0
    for entry in entries:
        text = next(piece for piece in entry if isinstance(piece, Text))
        size = text.x + text_width(text.text, text.size)
        if x and x + size > width:
            x, y = 0, y + 20
        shapes += [shape.moved(x, y) for shape in entry]
        x += size + 24
    return shapes, y + 20 if entries else 0
