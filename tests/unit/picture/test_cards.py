"""The texts of the cards, from the top to the bottom."""

from __future__ import annotations

import pytest

from botlab.picture.geometry import Dot, Drawing, Part, Sign, Text
from botlab.picture.layout import drawing_of
from botlab.picture.model import Health, LabPicture, Machine, State, counted
from helpers.drawing_faults import line_of
from helpers.pictured_labs import example_picture, picture_in_all_states


def part_of(drawing: Drawing, key: str) -> Part:
    """Return a part by its key or, for a part without one, its kind."""
    return next(part for part in drawing.walk() if key in (part.key, part.kind))


def texts(part: Part) -> list[str]:
    """Return the texts of a part, without those of the parts inside of it."""
    return [shape.text for shape in part.shapes if isinstance(shape, Text)]


def healths(part: Part) -> list[Health]:
    """Return the signs of a part."""
    return [shape.health for shape in part.shapes if isinstance(shape, Sign)]


@pytest.mark.parametrize(
    ("example", "key", "expected"),
    [
        ("botlab", "machine:2", ["GPU", "machine 2", "node2", "192.168.1.12"]),
        ("botlab", "container:0/lxd/1", ["LXD container 0/lxd/1"]),
        ("botlab", "unit:etcd/2", ["etcd/2"]),
        ("modern", "unit:kubernetes-worker/0",
         ["kubernetes-worker/0", "+ calico, containerd, filesystem-client,", "nvidia-runtime"]),
        ("two-racks", "rack:rack-a", ["rack-a"]),
        ("ha-gpu-farm", "rack:east", ["Rack east"]),
        (
            "two-racks",
            "machine:2",
            ["18 machines", "a[03-20]", "10.20.1.[23-40]"],
        ),
        (
            "botlab",
            "application:etcd",
            [
                "etcd", "3 units · cs:~containers/etcd-378", "on node[0-2]",
                "certificates", "easyrsa", "db", "2 applications",
            ],
        ),
        (
            "botlab",
            "application:kubeapi-load-balancer",
            [
                "exposed", "kubeapi-load-balancer",
                "1 unit · cs:~containers/kubeapi-load-balancer-525", "on node0",
                "apiserver", "kubernetes-master", "loadbalancer", "kubernetes-master",
                "certificates", "easyrsa", "website", "5 applications",
            ],
        ),
        (
            "ceph",
            "application:ceph-mon",
            ["ceph-mon", "in another model · admin/ceph.ceph-mon", "client", "ceph-csi"],
        ),
        (
            "botlab",
            "resource:2",
            [
                "address pool", "default", "192.168.1.240-192.168.1.250",
                "11 addresses, layer 2", "by metallb",
            ],
        ),
        ("modern", "title",
         ["modern", "Juju 3.6 · charmed-k8s · 5 machines · 12 applications · 12 units"]),
    ],
)  # fmt: skip
def test_texts_of_a_card(example: str, key: str, expected: list[str]) -> None:
    assert texts(part_of(drawing_of(example_picture(example)), key)) == expected


def test_machine_without_a_name_has_its_number_once() -> None:
    drawing = drawing_of(LabPicture("lab", machines=(Machine("0", "machine 0"),)))

    assert texts(part_of(drawing, "machine:0")) == ["machine 0", "no units"]


def test_rack_of_one_machine_is_counted_as_one() -> None:
    drawing = drawing_of(LabPicture("lab", machines=(Machine("0", "a", rack="east"),)))

    assert part_of(drawing, "rack:east").title == "Rack east: 1 machine"


def test_sections_have_headings() -> None:
    drawing = drawing_of(example_picture("botlab"))

    headings = [texts(part) for part in drawing.parts if part.kind == "heading"]
    assert headings == [
        ["Machines"],
        ["Networks, addresses and storage"],
        ["Applications and relations"],
    ]


def test_card_of_a_part_that_is_not_ready_has_its_sign_and_its_message() -> None:
    drawing = drawing_of(picture_in_all_states())

    machine = part_of(drawing, "machine:3")
    assert healths(machine) == [Health.FAILED]
    assert texts(machine) == [
        "machine 3", "node3", "down: agent is not communicating with the", "server"
    ]  # fmt: skip
    unit = part_of(drawing, "unit:metallb/0")
    assert healths(unit) == [Health.BLOCKED]
    assert texts(unit) == [
        "metallb/0", "blocked: set addresses: the option", "pools ends before it starts"
    ]  # fmt: skip
    assert healths(part_of(drawing, "application:nvidia-runtime")) == [Health.FAILED]
    assert healths(part_of(drawing, "application:etcd")) == [Health.ABSENT]
    assert healths(part_of(drawing, "unit:easyrsa/0")) == [Health.READY]


def test_subordinate_that_is_not_ready_has_a_box_of_its_own() -> None:
    drawing = drawing_of(picture_in_all_states())

    principal = part_of(drawing, "unit:kubernetes-worker/1")
    assert texts(principal) == [
        "kubernetes-worker/1", "maintenance: installing snaps", "+ flannel"
    ]  # fmt: skip
    boxes = {part.key: part.box.width > 0 for part in principal.parts}
    assert boxes == {
        "unit:kubernetes-worker/1 flannel/3": False,
        "unit:kubernetes-worker/1 nvidia-runtime/1": True,
    }


def test_more_than_a_dozen_problems_are_counted() -> None:
    problems = tuple(State(Health.BLOCKED, f"unit/{number} blocked") for number in range(15))

    card = part_of(drawing_of(LabPicture("lab", problems=problems)), "problems")

    assert texts(card) == ["Not ready", *(f"unit/{number} blocked" for number in range(12)),
                           "and 3 more"]  # fmt: skip
    assert healths(card) == [Health.BLOCKED] * 12


def test_long_message_ends_in_three_lines_with_its_end() -> None:
    problems = (State(Health.FAILED, " ".join(["word"] * 200) + " end"),)

    lines = texts(part_of(drawing_of(LabPicture("lab", problems=problems)), "problems"))

    assert len(lines) == 3
    assert lines[2].endswith(" end")
    assert "…" in lines[2]


def test_legend_explains_what_the_picture_has() -> None:
    planned = part_of(drawing_of(example_picture("existing-cluster")), "legend")
    running = part_of(drawing_of(picture_in_all_states()), "legend")

    assert texts(planned) == []
    assert healths(running) == [
        Health.READY, Health.BUSY, Health.BLOCKED, Health.FAILED, Health.ABSENT
    ]  # fmt: skip
    assert texts(running)[-1] == (
        "relation on the same machine: the subordinate is beside each unit"
    )


def test_dots_mark_the_ends_and_the_branches_of_a_line() -> None:
    """flannel:etcd is at the lower end of the line of etcd:db, and kubernetes-master branches."""
    drawing = drawing_of(example_picture("botlab"))

    for title, count in (("flannel:etcd - etcd:db", 2), ("kubernetes-master:etcd - etcd:db", 3)):
        relation = next(part for part in drawing.parts if part.title.startswith(title))
        dots = [(shape.x, shape.y) for shape in relation.shapes if isinstance(shape, Dot)]
        points = line_of(relation).points
        assert {points[0], points[-1]} <= {*dots}
        assert len(dots) == count, title


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("application:etcd", "etcd\ncs:~containers/etcd-378\non node[0-2]"),
        ("machine:2", "node2\n192.168.1.12\nGPU"),
        ("unit:etcd/1", "etcd/1"),
        ("container:0/lxd/1", "LXD container 0/lxd/1"),
        ("resource:3", "StorageClass nfs\ndefault StorageClass\n/nfsroot for 192.168.1.0/24"),
        (
            "relation:10",
            "flannel:cni - kubernetes-master:cni\ninterface kubernetes-cni",
        ),
    ],
)
def test_tooltip_has_the_whole_texts(key: str, title: str) -> None:
    """A card shortens texts that are too long for it."""
    assert part_of(drawing_of(example_picture("botlab")), key).title == title


def test_tooltip_of_several_machines_names_them() -> None:
    machine = part_of(drawing_of(example_picture("two-racks")), "machine:2")

    assert machine.title.startswith("a03, a04, a05, ")


def test_application_without_machines_has_no_line_for_them() -> None:
    card = part_of(drawing_of(example_picture("ceph")), "application:ceph-mon")

    assert card.title == "ceph-mon\nadmin/ceph.ceph-mon"


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "unit", "0 units"),
        (1, "address", "1 address"),
        (2, "address", "2 addresses"),
        (1000, "machine", "1,000 machines"),
    ],
)
def test_numbers_have_their_nouns(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text
