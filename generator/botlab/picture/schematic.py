"""The applications in two columns, with their relations between them as in a circuit diagram.

Each net has a vertical track of its own between the columns, and each relation is a line from the
card of one application along the track to that of the other. Lines of different nets only cross at
right angles, and dots mark where the lines of one net branch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..bundle.relation import RelationEnd
from .application_cards import CARD_WIDTH, ROW, ApplicationCard
from .geometry import Box, Dot, Line, Part, Point
from .model import Relation
from .nets import Net

# How many colours of lines the themes have.
LINE_COLOURS = 6
_WIDEST_SPACING, _NARROWEST_SPACING = 48, 12
_PortKey = tuple[RelationEnd, int]


class _Track(NamedTuple):
    """The vertical line of a net: its position, and its style."""

    x: int
    style: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """A card on a side, at its height."""

    card: ApplicationCard
    is_right: bool
    y: int


def schematic(
    cards: Sequence[ApplicationCard],
    nets: Sequence[Net],
    relations: Sequence[Relation],
    width: int,
) -> tuple[list[Part], int]:
    """Return the cards and lines of all applications at the origin, and their width.

    Args:
        cards: The cards.
        nets: The nets.
        relations: The relations.
        width: The width that they should fill, if the lines are not too far apart then.
    """
    spacing = (width - 2 * CARD_WIDTH) // (len(nets) + 1)
    spacing = min(max(spacing, _NARROWEST_SPACING), _WIDEST_SPACING)
    right = CARD_WIDTH + spacing * (len(nets) + 1)
    placed = _sides(cards)
    parts = [at.card.part.moved(right if at.is_right else 0, at.y) for at in placed]
    ports = _port_points(placed, right)
    tracks = _tracks(nets, ports, spacing)
    lines = [
        part
        for number, net in enumerate(nets)
        for part in _net_parts(net, number, tracks[number], ports, relations)
    ]
    return [*parts, *lines], right + CARD_WIDTH


def _sides(cards: Sequence[ApplicationCard]) -> list[_Placed]:
    """Return the cards on two sides of about the same height.

    The applications whose endpoints have the most relations are on the left side, and the others
    are on the right side in the order of those that they are related to.
    """
    by_weight = sorted(cards, key=lambda card: -sum(len(port.partners) for port in card.ports))
    half = sum(card.part.box.height for card in cards) / 2
    left: list[ApplicationCard] = []
    height = 0
    for card in by_weight:
        if height + card.part.box.height / 2 <= half:
            left.append(card)
            height += card.part.box.height
    order = {_name(card): number for number, card in enumerate(left)}
    right = [card for card in by_weight if _name(card) not in order]
    right.sort(key=lambda card: _mean(order, card))
    return [*_stacked(left, is_right=False), *_stacked(right, is_right=True)]


def _name(card: ApplicationCard) -> str:
    return card.part.key.partition(":")[2]


def _mean(order: Mapping[str, int], card: ApplicationCard) -> float:
    """Return the mean position of the applications that a card has relations with."""
    partners = (partner for port in card.ports for partner in port.partners)
    numbers = [order[partner] for partner in partners if partner in order]
    return sum(numbers) / len(numbers) if numbers else len(order)


def _stacked(cards: Iterable[ApplicationCard], *, is_right: bool) -> list[_Placed]:
    y = ROW // 2 if is_right else 0
    placed: list[_Placed] = []
    for card in cards:
        placed.append(_Placed(card, is_right, y))
        # A card is a number of rows and a half high, and the gap makes whole rows of it.
        y += -(-(card.part.box.height + ROW // 2) // ROW) * ROW
    return placed


def _port_points(placed: Sequence[_Placed], right: int) -> dict[_PortKey, Point]:
    """Return where the line of each port ends, at the edge of the card."""
    return {
        (port.end, port.net): (right if at.is_right else CARD_WIDTH, at.y + row)
        for at in placed
        for port, row in zip(at.card.ports, at.card.rows, strict=True)
    }


def _tracks(
    nets: Sequence[Net], ports: Mapping[_PortKey, Point], spacing: int
) -> dict[int, _Track]:
    """Return the track of each net: nearer to the side where more of its ports are."""

    def side(number: int) -> tuple[float, int]:
        points = [ports[end, number] for end in (nets[number].hub, *nets[number].spokes)]
        return sum(x for x, _ in points) / len(points), min(y for _, y in points)

    order = sorted(range(len(nets)), key=side)
    colours = _colours([nets[number] for number in order])
    return {
        number: _Track(CARD_WIDTH + spacing * position, f"line-{colour}")
        for position, (number, colour) in enumerate(zip(order, colours, strict=True), 1)
    }


def _colours(nets: Sequence[Net]) -> list[int]:
    """Return the colours of nets, in the order of their tracks.

    Neighbours differ. The nets of one application differ, too, as far as the colours suffice: nets
    of many applications choose first.
    """
    names = [{end.application for end in (net.hub, *net.spokes)} for net in nets]
    uses: dict[str, Counter[int]] = defaultdict(Counter)
    colours: dict[int, int] = {}
    for at in sorted(range(len(nets)), key=lambda at: -len(names[at])):
        beside = (colours.get(at - 1), colours.get(at + 1))
        repeats = sum((uses[name] for name in names[at]), Counter[int]())
        costs = [(colour in beside, repeats[colour], colour) for colour in range(LINE_COLOURS)]
        colours[at] = min(costs)[2]
        for name in names[at]:
            uses[name][colours[at]] += 1
    return [colours[at] for at in range(len(nets))]


def _net_parts(
    net: Net,
    number: int,
    track: _Track,
    ports: Mapping[_PortKey, Point],
    relations: Sequence[Relation],
) -> list[Part]:
    """Return the lines of a net. Each starts at the hub, so that dashes of several fit."""
    start = ports[net.hub, number]
    x, style = track
    heights = [ports[end, number][1] for end in (net.hub, *net.spokes)]
    highest, lowest = min(heights), max(heights)
    parts: list[Part] = []
    for spoke, position in zip(net.spokes, net.positions, strict=True):
        end = ports[spoke, number]
        points = (start, (x, start[1]), (x, end[1]), end)
        dots = [Dot(*start, style), Dot(*end, style)]
        # The line of the net goes on at these heights.
        dots += [Dot(x, y, style) for _, y in (start, end) if highest < y < lowest]
        parts.append(_relation_part(position, relations[position], points, style, dots))
    return parts


def _relation_part(
    position: int, relation: Relation, points: tuple[Point, ...], style: str, dots: list[Dot]
) -> Part:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    left, right = relation.ends
    interface = f"\ninterface {relation.interface}" if relation.interface else ""
    names = dict.fromkeys(end.application for end in relation.ends)
    return Part(
        "relation",
        f"relation:{position}",
        box,
        f"{left} - {right}{interface}",
        (str(left), str(right), relation.interface),
        tuple(f"application:{name}" for name in names),
        (Line(points, style, relation.is_local), *dots),
    )
