"""Which machines of a model the machines of a bundle stand for (``InferMachineMap``)."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.plan import parse_machine_map
from botlab.plan.model import Model, ModelApplication, ModelMachine, ModelUnit


def inferred(applications: str, machines: str, units: dict[str, list[tuple[str, str]]]) -> object:
    """Return the machine map of a bundle and a model.

    Args:
        applications: The placements of each application of the bundle, in YAML.
        machines: The machines of the bundle, separated by spaces.
        units: The units of each application of the model, with their machines.
    """
    names = ", ".join(f'"{name}": {{}}' for name in machines.split())
    text = f"applications: {applications}\nmachines: {{{names}}}\n"
    model_machines = {machine for own in units.values() for _, machine in own}
    model = Model(
        {
            name: ModelApplication(name, units=[ModelUnit(*unit) for unit in own])
            for name, own in units.items()
        },
        {name: ModelMachine(name) for name in sorted(model_machines)},
    )
    model.infer_machines(parse_bundle(BundleSource(text), Juju.V2_9).bundle)
    return model.machine_map


def application(*placements: str) -> str:
    """Return the body of an application, in YAML."""
    to = ", ".join(f'"{placement}"' for placement in placements)
    return f"{{charm: x, num_units: {len(placements)}, to: [{to}]}}"


def test_units_match_unmatched_machines_in_the_order_of_their_numbers() -> None:
    """Each unit matches one machine."""
    assert inferred(
        f"{{a: {application('0', '1')}}}", "0 1", {"a": [("a/10", "8"), ("a/9", "7")]}
    ) == {"0": "7", "1": "8"}


def test_machine_with_the_same_id_is_matched_first() -> None:
    """Its unit, and the machine, match nothing else."""
    assert inferred(
        f"{{a: {application('2', '1')}}}", "1 2", {"a": [("a/0", "1"), ("a/1", "5")]}
    ) == {"1": "1", "2": "5"}
    assert inferred(
        f"{{a: {application('1')}, b: {application('2')}}}",
        "1 2",
        {"a": [("a/0", "1")], "b": [("b/0", "1")]},
    ) == {"1": "1"}


def test_machine_with_units_of_two_applications_may_match_two_machines() -> None:
    """As in Juju: only the matches of the first pass are excluded from the second one."""
    assert inferred(
        f"{{b: {application('1')}, a: {application('0')}}}",
        "0 1",
        {"b": [("b/0", "6")], "a": [("a/0", "6")]},
    ) == {"0": "6", "1": "6"}


def test_placements_of_an_application_are_matched_in_the_order_of_the_machines() -> None:
    """Not in the order of its placements; machine 10 comes after machine 9."""
    assert inferred(
        f"{{a: {application('10', '9')}}}", "9 10", {"a": [("a/0", "20"), ("a/1", "21")]}
    ) == {"9": "20", "10": "21"}


def test_first_application_by_name_decides_about_a_machine() -> None:
    """In the order of names, not of the bundle."""
    assert inferred(
        f"{{b: {application('0')}, a: {application('0')}}}",
        "0",
        {"b": [("b/0", "6")], "a": [("a/0", "7")]},
    ) == {"0": "7"}


@pytest.mark.parametrize("machine", ["0/lxd/3", "0"])
def test_unit_in_a_container_is_on_the_machine_of_the_container(machine: str) -> None:
    """A container of the placement matches a container only."""
    assert inferred(f"{{a: {application('lxd:0')}}}", "0", {"a": [("a/0", machine)]}) == {"0": "0"}
    assert inferred(f"{{a: {application('lxd:4')}}}", "4", {"a": [("a/0", machine)]}) == {"4": "0"}


def test_placement_is_satisfied_by_a_unit_of_the_application_at_that_place() -> None:
    """A placement that any new machine or any unit satisfies needs a new unit."""
    model = Model(
        {
            "a": ModelApplication("a", units=[ModelUnit("a/0", "0"), ModelUnit("a/1", "1/lxd/0")]),
            "b": ModelApplication("b", units=[ModelUnit("b/0", "0"), ModelUnit("b/1", "1")]),
        },
        {name: ModelMachine(name) for name in ("0", "1")},
    )
    placements = ["0", "1", "lxd:0", "lxd:1", "b/0", "b/1", "b/9", "lxd:b/1", "b", "lxd:b", "new"]

    assert model.unsatisfied("a", placements) == [
        "1", "lxd:0", "b/1", "b/9", "b", "lxd:b", "new",
    ]  # fmt: skip
    assert model.unsatisfied("c", placements) == placements
    assert model.unsatisfied("c", []) == []


@pytest.mark.parametrize(
    ("application", "targets"),
    [
        ("{charm: x, num_units: 2}", ["", ""]),
        ("{charm: x, num_units: 0}", []),
        ('{charm: x, num_units: 3, to: ["0", "lxd:1", "lxd:0"]}', ["5", "lxd:5"]),
        ('{charm: x, num_units: 1, to: ["lxd:0", "0"]}', ["lxd:5"]),
        ('{charm: x, num_units: 2, to: ["b/0", "new"]}', []),
    ],
)
def test_targets_are_the_places_that_are_known_before_the_deployment(
    application: str, targets: list[str]
) -> None:
    """A unit without a placement gets a new machine."""
    text = (
        f'applications: {{a: {application}, b: {{charm: x}}}}\nmachines: {{"0": {{}}, "1": {{}}}}'
    )
    bundle = parse_bundle(BundleSource(text), Juju.V2_9).bundle
    body = bundle.applications["a"]
    assert body is not None

    model = Model(machines={"5": ModelMachine("5")})
    model.map_machines(parse_machine_map("0=5"))

    assert model.targets(body) == targets


def test_added_units_and_machines_get_the_next_numbers() -> None:
    """A container gets the next number of its kind on its machine."""
    model = Model(
        {"a": ModelApplication("x", units=[ModelUnit("a/4", "2/lxd/1")])},
        {name: ModelMachine(name) for name in ("2", "2/lxd/1")},
    )
    model.add_machine("7")
    for target in ("", "3", "lxd:2", "lxd:2", "kvm:2", "lxd:"):
        model.add_unit("a", target)

    assert model.machine_map == {"7": "3"}
    assert [(unit.name, unit.machine) for unit in model.applications["a"].units] == [
        ("a/4", "2/lxd/1"),
        ("a/5", "4"),
        ("a/6", "3"),
        ("a/7", "2/lxd/2"),
        ("a/8", "2/lxd/3"),
        ("a/9", "2/kvm/0"),
        ("a/10", "5/lxd/0"),
    ]
    assert model.unit_machine("a", 8) == "2/lxd/3"
    assert model.unit_machine("a", 11) == ""
