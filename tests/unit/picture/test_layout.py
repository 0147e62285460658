"""Drawings have no overlaps, their texts fit, and their lines lead from card to card."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from botlab.bundle.relation import RelationEnd
from botlab.picture.geometry import Drawing, Line, Part, Text
from botlab.picture.layout import drawing_of
from botlab.picture.model import Application, LabPicture, Machine, Relation, Resource
from helpers.drawing_faults import drawing_faults, line_of
from helpers.pictured_labs import (
    EXAMPLE_NAMES,
    SIZES,
    example_picture,
    hostile_picture,
    picture_in_all_states,
    picture_of_size,
)


def texts(drawing: Drawing) -> list[str]:
    """Return all texts of a drawing."""
    parts = drawing.walk()
    return [shape.text for part in parts for shape in part.shapes if isinstance(shape, Text)]


def kinds(drawing: Drawing, kind: str) -> list[Part]:
    """Return the parts of a kind."""
    return [part for part in drawing.walk() if part.kind == kind]


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_drawing_of_an_example_has_no_faults(name: str) -> None:
    picture = example_picture(name)

    drawing = drawing_of(picture)

    assert drawing_faults(drawing) == []
    assert len(kinds(drawing, "relation")) == len(picture.relations)
    assert len(kinds(drawing, "application")) == len(picture.applications)


@pytest.mark.parametrize("is_grouped", [True, False, None])
@pytest.mark.parametrize("machines", SIZES)
def test_drawing_of_any_size_has_no_faults(
    machines: int, is_grouped: bool | None, tmp_path: Path
) -> None:
    picture = picture_of_size(machines, tmp_path)

    assert drawing_faults(drawing_of(picture, is_grouped=is_grouped)) == []


@pytest.mark.parametrize("with_lab", [True, False])
def test_drawing_of_a_running_lab_has_no_faults(with_lab: bool) -> None:
    assert drawing_faults(drawing_of(picture_in_all_states(with_lab=with_lab))) == []


def test_hostile_texts_stay_in_their_boxes() -> None:
    drawing = drawing_of(hostile_picture())

    faults = [fault for fault in drawing_faults(drawing) if not fault.startswith("the key ")]
    assert faults == []
    assert all(text.isprintable() for text in texts(drawing))


def test_empty_lab_is_a_title() -> None:
    drawing = drawing_of(LabPicture("lab"))

    assert texts(drawing) == ["lab", ""]
    assert drawing_faults(drawing) == []


def test_drawing_is_the_same_each_time() -> None:
    picture = example_picture("two-racks")

    assert drawing_of(picture) == drawing_of(picture)


def test_large_lab_has_few_cards(tmp_path: Path) -> None:
    """Those of a rack that are alike share one, in the frame of the rack."""
    drawing = drawing_of(picture_of_size(400, tmp_path))

    racks, machines = kinds(drawing, "rack"), kinds(drawing, "machine")
    assert [rack.key for rack in racks] == [f"rack:rack-{number}" for number in range(20)]
    assert len(machines) == 23
    assert {"node[1-19]", "19 machines", "10.0.0.[12-30]"} <= set(texts(drawing))
    assert not [text for text in texts(drawing) if "…" in text]
    assert "node7" in machines[1].words


def test_search_words_of_a_machine_are_names_addresses_and_hardware() -> None:
    machine = kinds(drawing_of(example_picture("mixed-workers")), "machine")[3]

    assert {"a100-0", "10.20.0.21", "≥ 64 cores", "GPU"} <= set(machine.words)


def matching(drawing: Drawing, word: str, kind: str = "machine") -> list[str]:
    """Return the keys of the parts of a kind that the search for a word finds."""
    return [part.key for part in kinds(drawing, kind) if word in "\n".join(part.words)]


def test_search_finds_each_machine_of_a_card_by_its_address_and_number(tmp_path: Path) -> None:
    drawing = drawing_of(picture_of_size(400, tmp_path))

    for word in ("node399", "10.0.19.30", "machine 399"):
        assert matching(drawing, word) == ["machine:380"]


def test_search_finds_the_states_of_a_running_lab() -> None:
    """By the words of the legend, and by the messages."""
    drawing = drawing_of(picture_in_all_states())

    assert matching(drawing, "down: agent is not") == ["machine:3"]
    assert matching(drawing, "failed") == ["machine:3"]
    assert matching(drawing, "ready") == ["machine:0", "machine:1", "machine:2"]
    assert matching(drawing, "blocked", "unit") == ["unit:metallb/0"]
    assert matching(drawing, "absent", "application") == ["application:etcd"]
    assert matching(drawing, "host-3") == ["machine:3"]


def test_search_finds_no_state_in_a_lab_that_does_not_run() -> None:
    assert matching(drawing_of(example_picture("botlab")), "planned") == []


def test_parts_name_the_parts_that_belong_to_them() -> None:
    drawing = drawing_of(example_picture("botlab"))
    related = {part.key: part.related for part in drawing.walk() if part.key}

    assert related["unit:etcd/1"] == ("application:etcd",)
    subordinate = "unit:kubernetes-worker/1 nvidia-runtime"
    assert related[subordinate] == ("application:nvidia-runtime",)
    assert related["machine:1"] == ("application:etcd", "application:kubernetes-worker")
    assert related["relation:3"] == ("application:kubernetes-master", "application:easyrsa")
    assert related["resource:3"] == ("application:nfs-server",)
    assert set(sum(related.values(), ())) <= related.keys()


def test_relations_of_one_endpoint_share_a_line() -> None:
    """Those of another endpoint have another colour beside it."""
    drawing = drawing_of(example_picture("botlab"))
    relations = kinds(drawing, "relation")
    tracks: dict[int, set[str]] = {}
    for part in relations:
        tracks.setdefault(line_of(part).points[1][0], set()).add(line_of(part).style)

    easyrsa = {line_of(part).points[1][0] for part in relations if "easyrsa:client" in part.title}
    assert len(easyrsa) == 1
    assert all(len(styles) == 1 for styles in tracks.values())
    ordered = [tracks[x] for x in sorted(tracks)]
    assert all(first != second for first, second in itertools.pairwise(ordered))


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_lines_of_an_application_differ_in_colour(name: str) -> None:
    """As far as six colours allow it."""
    relations = kinds(drawing_of(example_picture(name)), "relation")
    applications = {key for part in relations for key in part.related}
    for application in applications:
        lines = [line_of(part) for part in relations if application in part.related]
        nets = {line.points[0]: line.style for line in lines}
        repeated = len(nets) - len(set(nets.values()))
        assert repeated <= max(len(nets) - 5, 0), application


def test_relation_on_the_same_machine_is_dashed() -> None:
    relations = kinds(drawing_of(example_picture("botlab")), "relation")

    dashed = {part.title.partition("\n")[0] for part in relations if line_of(part).is_dashed}
    assert dashed == {
        "flannel:cni - kubernetes-master:cni",
        "flannel:cni - kubernetes-worker:cni",
        "nvidia-runtime:juju-info - kubernetes-worker:juju-info",
    }


def test_relation_of_an_application_with_itself_and_without_names_is_drawn() -> None:
    ends = RelationEnd("a", ""), RelationEnd("b", "")
    relations = (Relation(*ends), Relation(RelationEnd("a", "x"), RelationEnd("a", "y")))
    picture = LabPicture(
        "l", applications=(Application("a"), Application("b")), relations=relations
    )

    drawing = drawing_of(picture)

    assert drawing_faults(drawing) == []
    assert texts(drawing).count("(endpoint not named)") == 2


def test_many_applications_are_drawn() -> None:
    applications = tuple(Application(f"app{number}") for number in range(60))
    relations = tuple(
        Relation(
            RelationEnd(f"app{number}", f"e{other}"), RelationEnd(f"app{other}", f"f{number}")
        )
        for number in range(60)
        for other in (number * 7 % 60, number * 11 % 60)
        if other != number
    )

    drawing = drawing_of(LabPicture("l", applications=applications, relations=relations))

    assert drawing_faults(drawing) == []


def moved(drawing: Drawing, kind: str, dx: int, dy: int) -> Drawing:
    """Return a drawing whose first part of a kind is at another position."""
    part = next(part for part in drawing.parts if part.kind == kind)
    parts = tuple(each.moved(dx, dy) if each is part else each for each in drawing.parts)
    return dataclasses.replace(drawing, parts=parts)


def with_text(drawing: Drawing) -> Drawing:
    """Return a drawing with a text that is too long for its machine."""
    part = next(part for part in drawing.parts if part.kind == "machine")
    long = dataclasses.replace(
        part, shapes=(*part.shapes, Text(part.box.x, part.box.y + 20, "W" * 50))
    )
    parts = tuple(long if each is part else each for each in drawing.parts)
    return dataclasses.replace(drawing, parts=parts)


def with_diagonal(drawing: Drawing) -> Drawing:
    """Return a drawing whose first relation is a straight line between its ends."""
    part = next(part for part in drawing.parts if part.kind == "relation")
    points = line_of(part).points
    shapes = (Line((points[0], points[-1]), "line-0"),)
    parts = tuple(
        dataclasses.replace(each, shapes=shapes) if each is part else each
        for each in drawing.parts
    )
    return dataclasses.replace(drawing, parts=parts)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda drawing: moved(drawing, "machine", 30, 0), "machine:0 overlaps machine:1"),
        (lambda drawing: moved(drawing, "machine", -40, 0), "machine:0 is outside of the page"),
        (lambda drawing: moved(drawing, "relation", 1, 0), "relation:0 does not end at its cards"),
        (lambda drawing: moved(drawing, "application", 10, 0), "does not end at its cards"),
        (lambda drawing: moved(drawing, "relation", 0, 18), " lies on "),
        (with_text, "a text or sign of machine:0 is outside of its box"),
        (with_diagonal, "is not at right angles"),
    ],
)
def test_check_finds_faults(damage: Callable[[Drawing], Drawing], fault: str) -> None:
    """The check of the other tests can fail."""
    drawing = damage(drawing_of(example_picture("modern")))

    assert any(fault in text for text in drawing_faults(drawing))


def test_resources_and_machines_without_anything_have_cards() -> None:
    picture = LabPicture("l", machines=(Machine("0", "0"),), resources=(Resource("network", "n"),))

    assert {"no units", "n", "network"} <= set(texts(drawing_of(picture)))
