"""The machines, containers and units of a bundle are those that Juju would make."""

from __future__ import annotations

import pytest

from botlab.bundle.parse import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.picture.placements import Place, places
from botlab.plan import changes
from helpers.pictured_labs import example_picture

Outline = list[tuple[str, list[str], list[tuple[str, list[str]]]]]


def outline(*applications: str, machines: int = 0) -> Outline:
    """Return the machines of a bundle, each with its units and containers."""
    lines = ["applications:", *(f"  {application}" for application in applications)]
    lines += ["machines:", *(f"  '{number}': {{}}" for number in range(machines))]
    text = "\n".join(lines if machines else lines[:-1]) + "\n"
    parsed = parse_bundle(BundleSource(text, "bundle.yaml", "/"), Juju.V3_6)
    assert parsed.findings == ()
    found = places(parsed.bundle, changes(parsed.bundle, Juju.V3_6))
    return [
        (place.name, units(place), [(inner.name, units(inner)) for inner in place.containers])
        for place in found
    ]


def units(place: Place) -> list[str]:
    return [name for name, _ in place.units]


def test_units_are_on_the_machines_that_they_name() -> None:
    etcd = "etcd: {charm: etcd, num_units: 2, to: ['1', '0']}"

    assert outline(etcd, machines=2) == [("0", ["etcd/1"], []), ("1", ["etcd/0"], [])]


def test_containers_have_the_numbers_of_juju() -> None:
    applications = ("b: {charm: b, num_units: 2, to: ['lxd:0', 'lxd:0']}",
                    "a: {charm: a, num_units: 1, to: ['lxd:0']}")  # fmt: skip

    assert outline(*applications, machines=1) == [
        ("0", [], [("0/lxd/0", ["a/0"]), ("0/lxd/1", ["b/0"]), ("0/lxd/2", ["b/1"])])
    ]


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("", [("new machine 0", ["a/0"], []), ("new machine 1", ["b/0"], [])]),
        (", to: [b]", [("new machine 0", ["a/0", "b/0"], [])]),
        (", to: ['b/0']", [("new machine 0", ["a/0", "b/0"], [])]),
        (", to: ['lxd:b/0']", [("new machine 0", ["b/0"], [("new machine 0/lxd/0", ["a/0"])])]),
        (", to: [new]", [("new machine 0", ["a/0"], []), ("new machine 1", ["b/0"], [])]),
        (", to: ['lxd:new']", [("new machine 0", [], [("new machine 0/lxd/0", ["a/0"])]),
                               ("new machine 1", ["b/0"], [])]),
    ],
)  # fmt: skip
def test_machines_that_juju_adds_have_no_number(placement: str, expected: Outline) -> None:
    """Also for a unit that is placed with another one before that one is placed."""
    a = f"a: {{charm: a, num_units: 1{placement}}}"

    result = outline(a, "b: {charm: b, num_units: 1}")

    assert result == expected


def test_subordinates_are_beside_the_units_of_their_principals() -> None:
    machine = example_picture("botlab").machines[3]

    names = {unit.name: [other.name for other in unit.subordinates] for unit in machine.units}
    assert names == {
        "kubernetes-master/1": ["flannel"],
        "kubernetes-worker/0": ["flannel", "nvidia-runtime"],
    }
