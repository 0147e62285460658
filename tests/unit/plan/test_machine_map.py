"""The option --map-machines of a plan."""

from __future__ import annotations

import pytest

from botlab.errors import BotlabError
from botlab.juju import Juju
from botlab.plan import Model, PlanError, parse_machine_map
from botlab.plan.model import ModelApplication, ModelMachine, ModelUnit
from helpers.plans import plan_lines

TEXT = """
applications: {a: {charm: a, num_units: 2, to: ["0", "1"]}}
machines: {"0": {}, "1": {}}
"""


def model_of_machines(*names: str) -> Model:
    """Return a model with machines and no applications."""
    return Model(machines={name: ModelMachine(name) for name in names})


@pytest.mark.parametrize("text", ["existing,0=3", " 0 = 3 ,, existing", "existing,0=9,0=3"])
def test_map_has_the_grammar_of_juju(text: str) -> None:
    """Spaces and empty entries are allowed, and the last entry of a machine wins."""
    machine_map = parse_machine_map(text)

    assert machine_map.uses_existing
    assert machine_map.entries == {"0": "3"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("foo", 'expected "existing" or "<bundle-id>=<machine-id>", got "foo"'),
        ("1=2=3", 'expected "existing" or "<bundle-id>=<machine-id>", got "1=2=3"'),
        ("a=3", 'bundle-id "a" is not a top level machine id'),
        ("0=1/lxd/0", 'machine-id "1/lxd/0" is not a top level machine id'),
        ("-1=3", 'bundle-id "-1" is not a top level machine id'),
        ("0=", 'machine-id "" is not a top level machine id'),
    ],
)
def test_wrong_map_has_jujus_own_message(text: str, problem: str) -> None:
    """The message names the option."""
    with pytest.raises(BotlabError) as raised:
        parse_machine_map(text)
    assert str(raised.value) == f"error in --map-machines: {problem}"


def test_machines_without_a_map_are_new() -> None:
    """Nothing of the bundle is on the machines of the model."""
    lines = plan_lines(TEXT, Juju.V3_6, model=model_of_machines("0", "1"))

    assert lines[2:4] == [
        "add new machine 2 (bundle machine 0)",
        "add new machine 3 (bundle machine 1)",
    ]


def test_mapped_machines_are_used() -> None:
    """An entry wins over the machine with the same number."""
    model = model_of_machines("0", "1", "3", "1/lxd/0")
    model.map_machines(parse_machine_map("existing,0=3"))

    assert plan_lines(TEXT, Juju.V3_6, model=model)[2:] == [
        "add unit a/0 to existing machine 3",
        "add unit a/1 to existing machine 1",
    ]


def test_units_on_mapped_machines_say_nothing_about_other_machines() -> None:
    """Machine 0 stands for 5, so the unit there does not make machine 1 stand for 5."""
    units = [ModelUnit("a/1", "6"), ModelUnit("a/0", "5")]
    model = Model(
        {"a": ModelApplication("a", units=units)},
        {name: ModelMachine(name) for name in ("5", "6")},
    )
    model.map_machines(parse_machine_map("0=5"))

    assert plan_lines(TEXT, Juju.V2_9, model=model) == [
        "upload charm a from charm-hub with architecture=amd64"
    ]
    assert model.machine_map == {"0": "5", "1": "6"}


@pytest.mark.parametrize("juju", list(Juju))
def test_machine_that_the_plan_adds_but_does_not_use_has_jujus_own_message(juju: Juju) -> None:
    """The model has both units, but on one machine."""
    units = [ModelUnit("a/0", "7"), ModelUnit("a/1", "7")]
    model = Model(
        {"a": ModelApplication("a", units=units)},
        {name: ModelMachine(name) for name in ("7", "8", "9")},
    )
    model.map_machines(parse_machine_map("0=7"))

    with pytest.raises(PlanError) as raised:
        plan_lines(TEXT, juju, model=model)
    assert str(raised.value) == (
        "bundle and machine mapping are inconsistent: need an explicit entry mapping bundle"
        ' machine "1", perhaps to one of model machines ["8", "9"] - the target should host [a]'
    )
