"""The drawing of a picture: title, machines, networks and storage, applications with relations."""

from __future__ import annotations

from collections.abc import Sequence

from .application_cards import ApplicationCard, application_card, worst
from .geometry import Box, Drawing, Part, fitted
from .grouping import MOST_SINGLE_MACHINES, grouped_machines
from .model import LabPicture, Machine, State, Unit
from .nets import nets_of, ports_of
from .panels import legend, problem_card, resource_card
from .printable import printable
from .racks import columns_for, in_rows, machine_parts, page_width
from .schematic import schematic
from .short_names import short_names

MARGIN = 24
_HEADING = 34


class _Page:
    """Sections below each other."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.y = MARGIN

    def add(self, parts: Sequence[Part], gap: int = 28) -> None:
        """Add parts that are at the origin, and leave some space below them."""
        self.parts += [part.moved(MARGIN, self.y) for part in parts]
        self.y = max((part.box.bottom for part in self.parts), default=self.y) + gap

    def add_heading(self, text: str, width: int) -> None:
        """Add the heading of a section."""
        label = fitted((0, 18), text, width, "text", 16, bold=True)
        self.parts.append(
            Part("heading", "", Box(0, 0, width, 24), shapes=(label,)).moved(MARGIN, self.y)
        )
        self.y += _HEADING


def drawing_of(picture: LabPicture, *, is_grouped: bool | None = None) -> Drawing:
    """Return the drawing of a picture.

    Args:
        picture: What it shows.
        is_grouped: Whether machines that are alike are one card; None if that depends on the
            number of machines.
    """
    picture = printable(picture)
    if is_grouped is None:
        is_grouped = len(picture.machines) > MOST_SINGLE_MACHINES
    machines = grouped_machines(picture.machines) if is_grouped else picture.machines
    columns = columns_for(len(machines))
    width = page_width(columns, machines)
    page = _Page()
    page.add([_title(picture, width)], 20)
    if picture.problems:
        page.add([problem_card(picture.problems, width)])
    if machines:
        page.add_heading("Machines", width)
        page.add(machine_parts(machines, columns))
    _add_resources(page, picture, columns, width)
    _add_applications(page, picture, width)
    page.add([legend(picture, width)], MARGIN)
    right = max(part.box.right for part in page.parts)
    return Drawing(right + MARGIN, page.y, picture.title, _summary(picture), tuple(page.parts))


def _title(picture: LabPicture, width: int) -> Part:
    name = fitted((0, 26), picture.title, width, "text", 26, bold=True)
    facts = fitted((0, 48), " · ".join(picture.facts), width, "muted", 13)
    return Part("title", "", Box(0, 0, width, 56), shapes=(name, facts))


def _summary(picture: LabPicture) -> str:
    return f"The lab {picture.title}: {', '.join(picture.facts)}"


def _add_resources(page: _Page, picture: LabPicture, columns: int, width: int) -> None:
    if not picture.resources:
        return
    page.add_heading("Networks, addresses and storage", width)
    cards = [resource_card(each, number) for number, each in enumerate(picture.resources)]
    page.add(in_rows(cards, columns)[0])


def _add_applications(page: _Page, picture: LabPicture, width: int) -> None:
    if not picture.applications:
        return
    title = "Applications and relations" if picture.relations else "Applications"
    page.add_heading(title, width)
    nets = nets_of(picture.relations)
    page.add(schematic(_application_cards(picture), nets, picture.relations, width)[0])


def _application_cards(picture: LabPicture) -> list[ApplicationCard]:
    ports = ports_of(nets_of(picture.relations))
    machines, states = _machines_and_states(picture.machines)
    return [
        application_card(
            application,
            short_names(machines.get(application.name, ())),
            ports.get(application.name, ()),
            worst([*states.get(application.name, ()), application.state]),
        )
        for application in picture.applications
    ]


def _machines_and_states(
    machines: Sequence[Machine],
) -> tuple[dict[str, list[str]], dict[str, list[State]]]:
    """Return the machines, and the states of the units, of each application."""
    names: dict[str, list[str]] = {}
    states: dict[str, list[State]] = {}

    def add(machine: Machine, unit: Unit) -> None:
        names.setdefault(unit.application, []).append(machine.name)
        states.setdefault(unit.application, []).append(unit.state)
        for subordinate in unit.subordinates:
            add(machine, subordinate)

    for machine in machines:
        for unit in machine.all_units:
            add(machine, unit)
    return names, states
