"""The shapes of a drawing: frames, signs, sheets below a card, and the lines of the legend."""

from __future__ import annotations

import pytest

from botlab.bundle.relation import RelationEnd
from botlab.picture.geometry import Box, Dot, Drawing, Line, Part, Rectangle, Sign, Text
from botlab.picture.layout import drawing_of
from botlab.picture.machine_cards import CARD_WIDTH, machine_card
from botlab.picture.model import (
    Application,
    Container,
    Health,
    LabPicture,
    Machine,
    Relation,
    State,
    Unit,
)
from botlab.picture.panels import legend, problem_card
from botlab.picture.racks import columns_for, in_rows, machine_parts
from helpers.drawing_faults import line_of
from helpers.pictured_labs import example_picture

ENDS = RelationEnd("a", "x"), RelationEnd("b", "y")
FAILED = State(Health.FAILED, "lost")


def rectangles(part: Part) -> list[tuple[str, Box, int]]:
    """Return the rectangles of a part from the lowest to the highest: style, box, radius."""
    shapes = (shape for shape in part.shapes if isinstance(shape, Rectangle))
    return [(shape.style, shape.box, shape.radius) for shape in shapes]


def frames(picture: LabPicture, kind: str) -> set[tuple[str, int]]:
    """Return the style and the radius of the rectangles of all parts of a kind."""
    parts = [part for part in drawing_of(picture).walk() if part.kind == kind]
    return {(style, radius) for part in parts for style, _, radius in rectangles(part)}


def legend_of(*relations: Relation, is_live: bool = False, width: int = 1000) -> Part:
    """Return the legend of a picture with relations."""
    return legend(LabPicture("lab", relations=relations, is_live=is_live), width)


def test_legend_has_a_line_with_a_dot_and_a_dashed_line() -> None:
    shapes = legend_of(Relation(*ENDS), Relation(*ENDS, is_local=True)).shapes

    line, dot, text, dashed, _ = shapes
    assert (line, dot) == (Line(((0, 9), (24, 9)), "line-0"), Dot(12, 9, "line-0"))
    assert isinstance(text, Text)
    assert text.text == "relations of one endpoint, joined at a dot"
    assert text.x == 30
    assert isinstance(dashed, Line)
    assert dashed.is_dashed
    assert dashed.points[1][0] - dashed.points[0][0] == 24


def test_legend_has_no_dashed_line_if_the_picture_has_none() -> None:
    shapes = legend_of(Relation(*ENDS)).shapes

    assert [type(shape) for shape in shapes] == [Line, Dot, Text]


def test_legend_names_each_sign_beside_it() -> None:
    """A narrow legend has one sign in a row."""
    shapes = legend_of(is_live=True, width=100).shapes

    signs = [shape for shape in shapes if isinstance(shape, Sign)]
    texts = [shape for shape in shapes if isinstance(shape, Text)]
    assert [(sign.health, text.text) for sign, text in zip(signs, texts, strict=True)] == [
        (Health.READY, "ready"),
        (Health.BUSY, "busy or waiting"),
        (Health.BLOCKED, "blocked: somebody must act"),
        (Health.FAILED, "failed or lost"),
        (Health.ABSENT, "not in the model"),
    ]
    assert [(sign.x, sign.y) for sign in signs] == [(7, 9 + 20 * row) for row in range(5)]
    assert [text.y for text in texts] == [13 + 20 * row for row in range(5)]


def test_card_of_several_machines_lies_on_two_sheets() -> None:
    """The lower a sheet is, the more it is narrowed, and the lower is its edge."""
    card = machine_card(Machine("0", "gpu[0-2]", members=("gpu0", "gpu1", "gpu2")))

    lowest, middle, top = rectangles(card)
    assert [style for style, _, _ in (lowest, middle, top)] == ["sheet", "sheet", "card"]
    x, y, width, height = top[1]
    assert middle[1] == Box(x + 4, y, width - 8, height + 2)
    assert lowest[1] == Box(x + 8, y, width - 16, height + 4)
    assert card.box == Box(x, y, width, height + 4)


def test_card_of_one_machine_has_no_sheets() -> None:
    card = machine_card(Machine("0", "gpu0"))

    assert rectangles(card) == [("card", card.box, 6)]


def test_units_have_the_edge_of_their_state() -> None:
    states = [State(), *(State(health, "text") for health in Health)]
    machines = tuple(
        Machine(str(number), str(number), units=(Unit(f"a/{number}", "a", state),))
        for number, state in enumerate(states)
    )

    expected = {(f"unit-{health.value}", 4) for health in Health}
    assert frames(LabPicture("lab", machines=machines), "unit") == expected


def test_container_has_a_frame_of_its_own_and_a_sign_only_if_it_is_not_ready() -> None:
    ready, failed = (
        machine_card(Machine("0", "a", containers=(Container("0/lxd/0", "lxd", (), state),)))
        for state in (State(Health.READY), FAILED)
    )

    assert [(style, radius) for style, _, radius in rectangles(ready.parts[0])] == [
        ("container", 4)
    ]
    assert not [shape for shape in ready.parts[0].shapes if isinstance(shape, Sign)]
    (sign,) = [shape for shape in failed.parts[0].shapes if isinstance(shape, Sign)]
    assert sign.health is Health.FAILED
    texts = [shape.text for shape in failed.parts[0].shapes if isinstance(shape, Text)]
    assert texts == ["LXD container 0/lxd/0", "lost"]


def test_racks_are_in_natural_order_and_machines_without_a_rack_are_last() -> None:
    names = ("rack-10", "", "rack-9", "Rack-1", "z")
    machines = [Machine(str(number), name, rack=name) for number, name in enumerate(names)]

    parts = machine_parts(machines, 4)

    titles = [part.title.partition(":")[0] for part in parts]
    assert titles == ["Rack-1", "rack-9", "rack-10", "Rack z", "Without a rack"]
    assert {(style, radius) for part in parts for style, _, radius in rectangles(part)} == {
        ("frame", 10)
    }


@pytest.mark.parametrize(
    ("cards", "columns"), [(0, 4), (1, 4), (16, 4), (17, 5), (100, 10), (144, 12), (400, 12)]
)
def test_picture_is_about_as_many_cards_wide_as_high(cards: int, columns: int) -> None:
    """From four cards, so that the applications have space, to twelve, which a screen shows."""
    assert columns_for(cards) == columns


def test_rows_of_cards_have_the_gap_of_columns_between_them() -> None:
    cards = [Part("card", "", Box(0, 0, CARD_WIDTH, height)) for height in (10, 30, 20)]

    placed, height = in_rows(cards, 2)

    assert [part.box[:2] for part in placed] == [(0, 0), (CARD_WIDTH + 16, 0), (0, 46)]
    assert height == 66


def test_racks_are_beside_each_other_as_far_as_the_page_is_wide() -> None:
    """Each row is as high as its highest rack, which is the first one here."""
    units = (Unit("a/0", "a"), Unit("a/1", "a"))
    machines = [
        Machine(str(number), str(number), rack=f"rack-{number}", units=() if number else units)
        for number in range(9)
    ]

    boxes = [part.box for part in machine_parts(machines, 4)]

    columns = [number * (CARD_WIDTH + 24 + 16) for number in range(4)]
    second = boxes[0].height + 16
    third = second + boxes[1].height + 16
    assert [(box.x, box.y) for box in boxes] == [
        *((x, 0) for x in columns), *((x, second) for x in columns), (0, third)
    ]  # fmt: skip


def test_applications_of_other_models_have_another_frame() -> None:
    applications = (Application("own"), Application("other", is_remote=True))

    drawing = drawing_of(LabPicture("lab", applications=applications))

    parts = [part for part in drawing.parts if part.kind == "application"]
    styles = {part.title: [style for style, _, _ in rectangles(part)] for part in parts}
    assert styles == {"own": ["card"], "other": ["remote"]}


def test_problems_have_a_frame_of_their_own_with_a_sign_before_each() -> None:
    card = problem_card([FAILED, FAILED], 500)

    assert [style for style, _, _ in rectangles(card)] == ["problems"]
    signs = [shape for shape in card.shapes if isinstance(shape, Sign)]
    texts = [shape for shape in card.shapes if isinstance(shape, Text)][1:]
    assert [text.text for text in texts] == ["lost", "lost"]
    # The middle of the small letters is about a third of the font's size above the baseline.
    for sign, text in zip(signs, texts, strict=True):
        assert abs(sign.y - (text.y - text.size // 3)) <= 1
        assert sign.x < text.x


def test_badge_lies_on_a_rectangle() -> None:
    card = machine_card(Machine("0", "gpu0", gpus="GPU"))

    badge = next(box for style, box, _ in rectangles(card) if style == "badge")
    (text,) = [s for s in card.shapes if isinstance(s, Text) and s.style == "badge-text"]
    assert badge.x < text.x
    assert text.box.right < badge.right


def dots_of(drawing: Drawing) -> list[tuple[str, str]]:
    """Return the style of each dot of a relation, with that of its line."""
    return [
        (shape.style, line_of(part).style)
        for part in drawing.parts
        if part.kind == "relation"
        for shape in part.shapes
        if isinstance(shape, Dot)
    ]


def test_dots_have_the_colour_of_their_line() -> None:
    dots = dots_of(drawing_of(example_picture("modern")))

    assert len(dict.fromkeys(dots)) > 3
    assert all(dot == line for dot, line in dots)
