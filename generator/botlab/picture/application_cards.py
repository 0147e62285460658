"""The cards of applications. Each endpoint with relations is a row, where a line ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .column import Column
from .geometry import Box, Part, Rectangle, fitted
from .model import Application, Health, State, counted
from .nets import Port
from .text_width import text_width

CARD_WIDTH = 330
# All rows of both sides are multiples of this, and the right side is lower by a half, so that no
# line of one side covers one of the other.
ROW = 18
_PADDING = 12
_SMALL = 11
_EXPOSED = (("exposed", "badge"),)
_UNNAMED = "(endpoint not named)"
# The least width for the applications at the other ends.
_LEAST_PARTNER = 130


@dataclass(frozen=True, slots=True)
class ApplicationCard:
    """The card of an application at the origin.

    Attributes:
        part: The card.
        rows: The vertical positions of its ports, in their order.
        ports: Its ports.
    """

    part: Part
    rows: tuple[int, ...]
    ports: tuple[Port, ...]


def application_card(
    application: Application, machines: str, ports: Sequence[Port], state: State
) -> ApplicationCard:
    """Return the card of an application.

    Args:
        application: The application.
        machines: The names of its machines.
        ports: Its ports.
        state: The state of its units together.
    """
    column = Column(CARD_WIDTH, _PADDING)
    column.heading(application.name, state, _EXPOSED if application.is_exposed else ())
    charm = f"{units_text(application)} · {application.charm}"
    column.line(charm.strip(" ·"), "muted", _SMALL)
    if machines:
        column.paragraph(f"on {machines}", "muted", most=2)
    start = -(-column.y // ROW) * ROW
    rows = tuple(start + ROW // 2 + ROW * number for number in range(len(ports)))
    names = [port.end.relation or _UNNAMED for port in ports]
    second = max((text_width(name, _SMALL) for name in names), default=0) + _PADDING + 14
    for name, port, row in zip(names, ports, rows, strict=True):
        _add_row(column, name, port, row, second)
    height = start + ROW * len(ports) + ROW // 2
    return ApplicationCard(_part(application, machines, column, height, state), rows, tuple(ports))


def units_text(application: Application) -> str:
    """Return the number of an application's units, or the kind of one without units."""
    if application.is_subordinate:
        return "subordinate"
    if application.is_remote:
        return "in another model"
    return counted(application.units, "unit")


def _add_row(column: Column, name: str, port: Port, row: int, second: int) -> None:
    """Add the name of an endpoint, and of the applications at the other ends.

    Args:
        column: The content of the card.
        name: The name of the endpoint.
        port: The port.
        row: The vertical position.
        second: The horizontal position of the second text; at the right there may be no space.
    """
    second = min(second, CARD_WIDTH - _PADDING - _LEAST_PARTNER)
    width = second - _PADDING - 8
    label = fitted((_PADDING, row + 4), name, width, "text", _SMALL)
    partners = port.partners
    text = partners[0] if len(partners) == 1 else counted(len(partners), "application")
    other = fitted((second, row + 4), text, CARD_WIDTH - _PADDING - second, "muted", _SMALL)
    column.shapes += [label, other]


def _part(
    application: Application, machines: str, column: Column, height: int, state: State
) -> Part:
    box = Box(0, 0, CARD_WIDTH, height)
    frame = Rectangle(box, "remote" if application.is_remote else "card")
    lines = [application.name, application.charm, f"on {machines}" if machines else "", state.text]
    return Part(
        "application",
        f"application:{application.name}",
        box,
        "\n".join(line for line in lines if line),
        (application.name, application.charm, *state.words),
        shapes=(frame, *column.shapes),
    )


def worst(states: Sequence[State]) -> State:
    """Return the worst of the states of an application's units."""
    order = list(Health)
    healths = [state.health for state in states]
    health = max(healths, key=order.index, default=Health.PLANNED)
    texts = [state.text for state in states if state.health is health]
    return State(health, texts[0] if texts else "")
