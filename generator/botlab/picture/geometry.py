"""Shapes with positions: what a drawing consists of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from .model import Health
from .text_width import shortened, text_width

Point: TypeAlias = tuple[int, int]


class Box(NamedTuple):
    """A rectangle, in pixels. ``y`` is its top."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The bottom edge."""
        return self.y + self.height

    def moved(self, dx: int, dy: int) -> Box:
        """Return the rectangle at another position."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def contains(self, inner: Box) -> bool:
        """Return whether another rectangle is inside of this one."""
        is_in_width = self.x <= inner.x and inner.right <= self.right
        return is_in_width and self.y <= inner.y and inner.bottom <= self.bottom

    def overlaps(self, box: Box) -> bool:
        """Return whether the two have common inner points."""
        is_beside = self.right <= box.x or box.right <= self.x
        return not is_beside and self.y < box.bottom and box.y < self.bottom


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A drawn rectangle. The style is a name of :mod:`botlab.picture.themes`."""

    box: Box
    style: str
    radius: int = 6

    def moved(self, dx: int, dy: int) -> Rectangle:
        """Return the shape at another position."""
        return dataclasses.replace(self, box=self.box.moved(dx, dy))


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text.

    Attributes:
        x: Its left edge.
        y: Its baseline.
        text: The text.
        style: A name of :mod:`botlab.picture.themes`.
        size: The size of the font.
        bold: Whether it is bold.
    """

    x: int
    y: int
    text: str
    style: str = "text"
    size: int = 12
    bold: bool = False

    @property
    def box(self) -> Box:
        """The rectangle that the text fits in: a font's ascent and descent are below 1.2 em."""
        width = text_width(self.text, self.size, bold=self.bold)
        return Box(self.x, self.y - self.size, width, self.size * 5 // 4)

    def moved(self, dx: int, dy: int) -> Text:
        """Return the shape at another position."""
        return dataclasses.replace(self, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, with round corners.

    Attributes:
        points: The points.
        style: A name of :mod:`botlab.picture.themes`.
        is_dashed: Whether it is dashed.
    """

    points: tuple[Point, ...]
    style: str
    is_dashed: bool = False

    def moved(self, dx: int, dy: int) -> Line:
        """Return the shape at another position."""
        return dataclasses.replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))


@dataclass(frozen=True, slots=True)
class Dot:
    """A dot, where lines are joined or end."""

    x: int
    y: int
    style: str

    def moved(self, dx: int, dy: int) -> Dot:
        """Return the shape at another position."""
        return dataclasses.replace(self, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True, slots=True)
class Sign:
    """The sign of a health, around a centre. Each health has a form of its own."""

    x: int
    y: int
    health: Health

    def moved(self, dx: int, dy: int) -> Sign:
        """Return the shape at another position."""
        return dataclasses.replace(self, x=self.x + dx, y=self.y + dy)


Shape: TypeAlias = Rectangle | Text | Line | Dot | Sign


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a drawing that stands for something of the lab.

    Attributes:
        kind: What it stands for, such as ``machine`` or ``relation``.
        key: Its key, such as ``unit:etcd/0``; empty for a heading or a frame.
        box: The rectangle that it fills. That of a relation is the one around its line.
        title: What a tooltip shows.
        words: The names by which the search finds it.
        related: The keys of the parts that belong to it.
        shapes: Its own shapes.
        parts: The parts inside of it.
    """

    kind: str
    key: str
    box: Box
    title: str = ""
    words: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    shapes: tuple[Shape, ...] = ()
    parts: tuple[Part, ...] = ()

    def moved(self, dx: int, dy: int) -> Part:
        """Return the part, with all that is in it, at another position."""
        return dataclasses.replace(
            self,
            box=self.box.moved(dx, dy),
            shapes=tuple(shape.moved(dx, dy) for shape in self.shapes),
            parts=tuple(part.moved(dx, dy) for part in self.parts),
        )

    def walk(self) -> Iterator[Part]:
        """Yield the part and all parts inside of it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture.

    Attributes:
        width: Its width.
        height: Its height.
        title: Its title.
        summary: What it shows, in one sentence.
        parts: Its parts.
    """

    width: int
    height: int
    title: str
    summary: str
    parts: tuple[Part, ...]

    def walk(self) -> Iterator[Part]:
        """Yield all parts, each before those inside of it."""
        for part in self.parts:
            yield from part.walk()


def fitted(
    at: Point, text: str, width: int, style: str = "text", size: int = 12, *, bold: bool = False
) -> Text:
    """Return a text, shortened to fit a width.

    Args:
        at: The start of its baseline.
        text: The text.
        width: The width in pixels.
        style: A name of :mod:`botlab.picture.themes`.
        size: The size of the font.
        bold: Whether it is bold.
    """
    return Text(*at, shortened(text, width, size, bold=bold), style, size, bold)
