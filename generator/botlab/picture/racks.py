"""Cards in rows, and machines in the frames of their racks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..bundle.natural_sort import natural
from .geometry import Box, Part, Rectangle, fitted
from .machine_cards import CARD_WIDTH, machine_card
from .model import Machine, counted

GAP = 16
_FRAME_PADDING = 12
_FRAME_TITLE = 24
_FEWEST_COLUMNS, _MOST_COLUMNS = 4, 12


def columns_for(cards: int) -> int:
    """Return how many columns a picture has for a number of cards."""
    return min(max(math.ceil(math.sqrt(cards)), _FEWEST_COLUMNS), _MOST_COLUMNS)


def width_of(columns: int) -> int:
    """Return the width of columns of cards."""
    return columns * CARD_WIDTH + (columns - 1) * GAP


def page_width(columns: int, machines: Sequence[Machine]) -> int:
    """Return the width of a picture's content.

    Args:
        columns: How many cards are beside each other.
        machines: The machines. Those in racks have frames, which are wider.
    """
    has_frames = any(machine.rack for machine in machines)
    return width_of(columns) + (2 * _FRAME_PADDING * columns if has_frames else 0)


def in_rows(cards: Sequence[Part], columns: int) -> tuple[list[Part], int]:
    """Return cards beside each other in rows, in their order, and the height of all rows."""
    placed: list[Part] = []
    y = 0
    for start in range(0, len(cards), columns):
        row = cards[start : start + columns]
        placed += [card.moved(at * (CARD_WIDTH + GAP), y) for at, card in enumerate(row)]
        y += max(card.box.height for card in row) + GAP
    return placed, max(y - GAP, 0)


def machine_parts(machines: Sequence[Machine], columns: int) -> list[Part]:
    """Return the cards of machines at the origin, in frames if there are several racks.

    Args:
        machines: The machines.
        columns: How many cards are beside each other at most.
    """
    racks: dict[str, list[Machine]] = {}
    for machine in machines:
        racks.setdefault(machine.rack, []).append(machine)
    if not any(racks):
        return in_rows([machine_card(machine) for machine in machines], columns)[0]
    frames = [
        _frame(rack, racks[rack], columns)
        for rack in sorted(racks, key=lambda rack: (not rack, natural(rack)))
    ]
    return _on_shelves(frames, page_width(columns, machines))


def _frame(rack: str, machines: Sequence[Machine], columns: int) -> Part:
    """Return the frame of a rack with its machines at the origin."""
    cards = [machine_card(machine) for machine in machines]
    columns = min(columns, len(cards))
    placed, height = in_rows(cards, columns)
    top = _FRAME_PADDING + _FRAME_TITLE
    inner = [card.moved(_FRAME_PADDING, top) for card in placed]
    width = width_of(columns)
    box = Box(0, 0, width + 2 * _FRAME_PADDING, height + top + _FRAME_PADDING)
    title = _rack_title(rack)
    label = fitted((_FRAME_PADDING, 24), title, width, "text", 13, bold=True)
    count = sum(len(machine.members) or 1 for machine in machines)
    title = f"{title}: {counted(count, 'machine')}"
    shapes = (Rectangle(box, "frame", 10), label)
    return Part("rack", f"rack:{rack}", box, title, (rack,), (), shapes, tuple(inner))


def _rack_title(rack: str) -> str:
    if not rack:
        return "Without a rack"
    return rack if rack.lower().startswith("rack") else f"Rack {rack}"


def _on_shelves(frames: Sequence[Part], width: int) -> list[Part]:
    """Return frames beside each other, in as many rows as they need."""
    placed: list[Part] = []
    x = y = height = 0
    for frame in frames:
        if x and x + frame.box.width > width:
            x, y, height = 0, y + height + GAP, 0
        placed.append(frame.moved(x, y))
        x += frame.box.width + GAP
        height = max(height, frame.box.height)
    return placed
