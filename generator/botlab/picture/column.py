"""A column of shapes that grows downwards, as the content of a card."""

from __future__ import annotations

from collections.abc import Iterable

from .geometry import Box, Part, Rectangle, Shape, Sign, Text, fitted
from .model import Health, State
from .text_width import shortened, wrapped

SIGN_WIDTH = 18


class Column:
    """The content of a card, from the top to the bottom.

    Args:
        width: The width of the card.
        padding: The distance of the content from the card's edge.
        top: The distance of the first line from the card's top.
    """

    def __init__(self, width: int, padding: int, top: int | None = None) -> None:
        self.width = width
        self.padding = padding
        self.y = padding if top is None else top
        self.shapes: list[Shape] = []
        self.parts: list[Part] = []

    @property
    def inner_width(self) -> int:
        """The width of the content."""
        return self.width - 2 * self.padding

    def line(
        self,
        text: str,
        style: str = "text",
        size: int = 12,
        *,
        indent: int = 0,
        bold: bool = False,
    ) -> None:
        """Add a line of text, shortened to fit."""
        at = self.padding + indent, self.y + size
        width = self.inner_width - indent
        self.shapes.append(fitted(at, text, width, style, size, bold=bold))
        self.y += size * 4 // 3 + 1

    def lines(self, words: Iterable[str], style: str, size: int = 11, separator: str = "") -> None:
        """Add words that are separated, in as many lines as they need."""
        for text in wrapped(list(words), self.inner_width, size, separator):
            self.line(text, style, size)

    def paragraph(
        self, text: str, style: str, size: int = 11, *, most: int = 3, indent: int = 0
    ) -> None:
        """Add a text in as many lines as it needs, up to a number."""
        lines = list(wrapped(text.split(), self.inner_width - indent, size, " "))
        rest = " ".join(lines[most - 1 :])
        for line in (*lines[: most - 1], rest):
            if line:
                self.line(line, style, size, indent=indent)

    def heading(self, text: str, state: State, right: tuple[tuple[str, str], ...] = ()) -> None:
        """Add a line with a sign, a bold name, and badges or small texts at its right.

        Args:
            text: The name.
            state: The state whose sign is in front of the name.
            right: Texts with their styles, from the right.
        """
        end = self.width - self.padding
        for word, style in right:
            end = self._add_right(word, style, end) - 6
        start = self.padding
        if state.health is not Health.PLANNED:
            self.shapes.append(Sign(start + 7, self.y + 9, state.health))
            start += SIGN_WIDTH
        at = start, self.y + 14
        self.shapes.append(fitted(at, text, max(end - start, 0), "text", 14, bold=True))
        self.y += 20

    def _add_right(self, word: str, style: str, end: int) -> int:
        """Add a text that ends at a position, and return where it starts."""
        is_badge = style == "badge"
        word = shortened(word, self.inner_width // 2, 11, bold=is_badge)
        text = Text(0, self.y + 13, word, "badge-text" if is_badge else style, 11, is_badge)
        start = end - text.box.width - (6 if is_badge else 0)
        if is_badge:
            box = Box(start - 6, self.y + 1, text.box.width + 12, 16)
            self.shapes.append(Rectangle(box, "badge", 4))
        self.shapes.append(text.moved(start, 0))
        return start - (6 if is_badge else 0)

    def gap(self, height: int) -> None:
        """Leave some space."""
        self.y += height

    def add(self, part: Part, gap: int = 4) -> None:
        """Add a part below what there is, at the column's left edge."""
        self.parts.append(part.moved(self.padding, self.y))
        self.y += part.box.height + gap

    def box(self, bottom: int | None = None) -> Box:
        """Return the rectangle of the card around the content.

        Args:
            bottom: The distance below the content; by default the padding.
        """
        height = self.y + (self.padding if bottom is None else bottom)
        return Box(0, 0, self.width, height)
