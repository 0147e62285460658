"""The cards of machines, with their containers and units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .column import SIGN_WIDTH, Column
from .geometry import Box, Part, Rectangle, Shape, Sign, fitted
from .model import Container, Health, Machine, Unit, counted, numbered

CARD_WIDTH = 264
_PADDING = 10
_SMALL = 11
_QUIET = (Health.PLANNED, Health.READY)
# How far the edges of the cards below a card of several machines are visible.
_STACK = 4


def machine_card(machine: Machine) -> Part:
    """Return the card of a machine, or of several that are alike, at the origin."""
    column = Column(CARD_WIDTH, _PADDING)
    column.heading(machine.name, machine.state, _badges(machine))
    if machine.state.health not in _QUIET:
        column.paragraph(machine.state.text, "text")
    if machine.addresses:
        column.lines(machine.addresses, "text", 12, ", ")
    column.lines(machine.hardware, "muted", _SMALL, " · ")
    column.gap(4)
    for unit in machine.units:
        column.add(unit_part(unit, column.inner_width))
    for container in machine.containers:
        column.add(_container(container, column.inner_width))
    if not (machine.units or machine.containers):
        column.line("no units", "muted", _SMALL)
    return _card(machine, column)


def _badges(machine: Machine) -> tuple[tuple[str, str], ...]:
    count = len(machine.members)
    number = counted(count, "machine") if count else _number(machine)
    badges = ((machine.gpus, "badge"),) if machine.gpus else ()
    return (*badges, (number, "muted")) if number else badges


def _number(machine: Machine) -> str:
    """Return the number of a machine, unless its name says it."""
    number = numbered(machine.key)
    return "" if number == machine.name else number


def _card(machine: Machine, column: Column) -> Part:
    stack = _STACK if machine.members else 0
    inner = column.box(_PADDING - 4)
    box = Box(0, 0, CARD_WIDTH, inner.height + stack)
    units = [unit.application for unit in machine.all_units]
    return Part(
        "machine",
        f"machine:{machine.key}",
        box,
        _title(machine),
        _words(machine),
        tuple(f"application:{name}" for name in dict.fromkeys(units)),
        (*_sheets(inner, stack), *column.shapes),
        tuple(column.parts),
    )


def _sheets(box: Box, stack: int) -> list[Shape]:
    """Return the card, above the lower edges of two others for a stack."""
    below = [
        Rectangle(Box(offset, 0, box.width - 2 * offset, box.height + stack - lift), "sheet")
        for offset, lift in ((8, 0), (4, 2))
        if stack
    ]
    return [*below, Rectangle(box, "card")]


def _words(machine: Machine) -> tuple[str, ...]:
    return (*machine.names, *machine.hardware, machine.gpus, machine.rack, *machine.state.words)


def _title(machine: Machine) -> str:
    names = ", ".join(machine.members) or machine.name
    lines = (names, ", ".join(machine.addresses), ", ".join(machine.hardware), machine.gpus)
    return "\n".join(line for line in (*lines, machine.state.text) if line)


def unit_part(unit: Unit, width: int, principal: str = "") -> Part:
    """Return the box of a unit, with the subordinates beside it, at the origin.

    Args:
        unit: The unit.
        width: The width of the box.
        principal: The key of the principal's part, if it is the unit of a subordinate.
    """
    column = Column(width, 8, 4)
    key = _unit_key(unit, principal)
    _add_name(column, unit, _SMALL if principal else 12)
    loud = [other for other in unit.subordinates if other.state.health not in _QUIET]
    quiet = [other for other in unit.subordinates if other.state.health in _QUIET]
    _add_quiet(column, quiet)
    for other in loud:
        column.add(unit_part(other, column.inner_width, key), 2)
    box = column.box(4)
    frame = Rectangle(box, f"unit-{unit.state.health.value}", 4)
    parts = (*_quiet_parts(column, quiet, key), *column.parts)
    return _unit_part(unit, key, box, (frame, *column.shapes), parts)


def _unit_key(unit: Unit, principal: str) -> str:
    """Return the key of a unit. Only a running subordinate has a name of its own."""
    name = unit.members[0] if unit.members else unit.name
    return f"{principal} {name}" if principal else f"unit:{name}"


def _unit_part(
    unit: Unit, key: str, box: Box, shapes: tuple[Shape, ...], parts: tuple[Part, ...]
) -> Part:
    members = unit.members or (unit.name,)
    return Part(
        "unit",
        key,
        box,
        "\n".join(part for part in (", ".join(members), unit.state.text) if part),
        (*members, unit.application, *unit.state.words),
        (f"application:{unit.application}",),
        shapes,
        parts,
    )


def _add_name(column: Column, unit: Unit, size: int) -> None:
    """Add the name of a unit with the sign of its state, and what is wrong with it."""
    has_sign = unit.state.health is not Health.PLANNED
    if has_sign:
        sign = Sign(column.padding + 6, column.y + size // 2 + 2, unit.state.health)
        column.shapes.append(sign)
    column.line(unit.name, "text", size, indent=SIGN_WIDTH if has_sign else 0)
    if unit.state.health not in _QUIET:
        column.paragraph(unit.state.text, "text")


def _add_quiet(column: Column, units: Sequence[Unit]) -> None:
    """Add the names of subordinates that are as they should be."""
    names = [unit.application for unit in units]
    if names:
        names[0] = f"+ {names[0]}"
    column.lines(names, "muted", _SMALL, ", ")


def _quiet_parts(column: Column, units: Iterable[Unit], principal: str) -> list[Part]:
    """Return parts without shapes, so that the search finds the subordinates in the lines."""
    box = Box(column.padding, 0, 0, 0)
    return [_unit_part(unit, _unit_key(unit, principal), box, (), ()) for unit in units]


def _container(container: Container, width: int) -> Part:
    column = Column(width, 6, 3)
    state = container.state
    is_loud = state.health not in _QUIET
    at = column.padding + (SIGN_WIDTH if is_loud else 0)
    if is_loud:
        column.shapes.append(Sign(column.padding + 6, column.y + 7, state.health))
    address = f" · {container.addresses[0]}" if container.addresses else ""
    caption = f"{container.kind.upper()} container {container.name}{address}"
    column.shapes.append(fitted((at, column.y + 11), caption, width - at - 6, "muted", _SMALL))
    column.gap(17)
    if is_loud:
        column.paragraph(state.text, "text")
    for unit in container.units:
        column.add(unit_part(unit, column.inner_width))
    box = column.box(2)
    return Part(
        "container",
        f"container:{container.name}",
        box,
        f"{caption}\n{state.text}".strip(),
        (container.name, *container.addresses, *state.words),
        shapes=(Rectangle(box, "container", 4), *column.shapes),
        parts=tuple(column.parts),
    )
