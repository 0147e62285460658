"""The commands that give an application the units of the site, at their places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.bundle.model import Application
from botlab.live.comparison.compare import Comparison
from botlab.live.comparison.differences import Remedy, Stage
from botlab.live.comparison.units import UnitPair, unit_differences
from botlab.plan.model import ModelApplication, ModelUnit
from helpers.small_labs import empty_lab

FIRST = "deploy fails with Juju 4 if an application of a local charm has no unit"
MOVED = "Juju never moves a unit"
MISSING = "the site has this unit"


def pair(units: int, to: str, deployed: str, dying: str = "", **facts: Any) -> UnitPair:
    """Return the units of the application `a`; machines 0 and 1 stand for 5 and 6.

    Args:
        units: The number of units in the bundle.
        to: The placements in the bundle, separated by spaces.
        deployed: The machines of the deployed units, separated by spaces.
        dying: The units that are being removed, separated by spaces.
        facts: Further fields of the pair.
    """
    model_units = [ModelUnit(f"a/{number}", name) for number, name in enumerate(deployed.split())]
    return UnitPair(
        "a",
        Application(charm="x", num_units=units, to=to.split()),
        ModelApplication("x", units=model_units),
        {"0": "5", "1": "6"},
        dying=frozenset(dying.split()),
        **facts,
    )


@pytest.mark.parametrize(
    ("units", "difference", "remedy", "commands"),
    [
        # Without placements only the number counts.
        (pair(2, "", "5 6"), [], Remedy.COMMANDS, []),
        (
            pair(3, "", "5"),
            ["num_units 1 -> 3"],
            Remedy.COMMANDS,
            [("juju add-unit a -n 2", MISSING)],
        ),
        (
            pair(1, "", "5 6"),
            ["num_units 2 -> 1"],
            Remedy.COMMANDS,
            [("juju remove-unit a/1", "the site has no unit on 1")],
        ),
        (
            pair(3, "0", "5"),
            ["num_units 1 -> 3"],
            Remedy.COMMANDS,
            [("juju add-unit a -n 2", MISSING)],
        ),
        (pair(3, "0", "5 6 7"), [], Remedy.COMMANDS, []),
        # Units on machines of the model are added there, each at its place.
        (
            pair(2, "0 1", "5"),
            ["num_units 1 -> 2"],
            Remedy.COMMANDS,
            [("juju add-unit a --to 6", MISSING)],
        ),
        (
            pair(4, "0 0 0 lxd:1", "5"),
            ["num_units 1 -> 4"],
            Remedy.COMMANDS,
            [("juju add-unit a -n 2 --to 5,5", MISSING), ("juju add-unit a --to lxd:6", MISSING)],
        ),
        (
            pair(2, "0 lxd:1", "5 6"),
            ["to 1 -> lxd:1"],
            Remedy.COMMANDS,
            [
                ("juju add-unit a --to lxd:6", MOVED),
                ("juju remove-unit a/1", "the site has no unit on 1"),
            ],
        ),
        (
            pair(2, "lxd:1 lxd:1", "5 7/lxd/2"),
            ["to 0 lxd:model machine 7 -> lxd:1 lxd:1"],
            Remedy.COMMANDS,
            [
                ("juju add-unit a -n 2 --to lxd:6,lxd:6", MOVED),
                ("juju remove-unit a/0", "the site has no unit on 0"),
                ("juju remove-unit a/1", "the site has no unit on lxd:model machine 7"),
            ],
        ),
        (pair(2, "lxd:0 new", "5/lxd/3 7"), [], Remedy.COMMANDS, []),
        # Only deploy adds machines, and units beside those of other applications.
        (pair(2, "0 2", "5"), ["num_units 1 -> 2"], Remedy.DEPLOY, []),
        (pair(2, "b/0", "5"), ["num_units 1 -> 2"], Remedy.DEPLOY, []),
        (pair(2, "b b", "5"), ["num_units 1 -> 2"], Remedy.DEPLOY, []),
        (
            pair(2, "0 2", "5 6"),
            ["to 1 -> 2"],
            Remedy.DEPLOY,
            [("juju remove-unit a/1", "the site has no unit on 1")],
        ),
        # Units that are being removed need no command.
        (
            pair(1, "0", "5 6 7", "a/2"),
            ["num_units 2 -> 1"],
            Remedy.COMMANDS,
            [("juju remove-unit a/1", "the site has no unit on 1")],
        ),
        (
            pair(2, "0 1", "", needs_first_units=True),
            ["num_units 0 -> 2"],
            Remedy.COMMANDS,
            [("juju add-unit a --to 5", FIRST), ("juju add-unit a --to 6", FIRST)],
        ),
    ],
)
def test_commands_give_the_application_the_units_of_the_site(
    units: UnitPair, difference: list[str], remedy: Remedy, commands: list[tuple[str, str]]
) -> None:
    """Units at the same place have one command, because equal commands are run once."""
    differences = tuple(unit_differences(units))

    assert [str(entry.delta) for entry in differences] == [
        f"application a: {text}" for text in difference
    ]
    assert {entry.remedy for entry in differences} <= {remedy}
    printed = Comparison(differences, (), {}).commands()
    assert [(command.text(), command.why) for command in printed] == commands


@pytest.mark.parametrize(
    ("units", "stages", "are_part_of_deploy"),
    [
        (pair(2, "0 1", "5"), [Stage.UNITS], [True]),
        (pair(2, "0 lxd:1", "5 6"), [Stage.UNITS, Stage.REMOVE_UNITS], [False, False]),
        # The unit must go before deploy can add its machine.
        (pair(2, "0 2", "5 6"), [Stage.REPLACE_UNITS], [False]),
        (pair(1, "0", "5 6"), [Stage.REMOVE_UNITS], [False]),
        (pair(1, "0", "", needs_first_units=True), [Stage.FIRST_UNITS], [False]),
    ],
)
def test_stage_of_a_command_is_before_or_after_deploy(
    units: UnitPair, stages: list[Stage], are_part_of_deploy: list[bool]
) -> None:
    commands = Comparison(tuple(unit_differences(units)), (), {}).commands()

    assert [command.stage for command in commands] == stages
    assert [command.is_part_of_deploy for command in commands] == are_part_of_deploy


def test_removal_without_a_person_has_the_option_for_it() -> None:
    (difference,) = unit_differences(pair(1, "0", "5 6", unattended=("--no-prompt",)))
    (command,) = difference.commands

    assert command.arguments == ["remove-unit", "a/1", "--no-prompt"]
    assert command.text() == "juju remove-unit a/1"


@pytest.mark.parametrize("generation", ["2.9", "3.6"])
def test_several_units_of_one_place_are_added_by_one_command(
    tmp_path: Path, generation: str
) -> None:
    """Afterwards nothing differs."""
    lab = empty_lab(tmp_path, generation)
    lab.run(f"deploy {lab.path}")
    lab.rewrite(store={"num_units": 3, "to": ["1", "1", "1"]})

    commands = [command.text() for command in lab.compare().commands()]
    assert commands == ["juju add-unit store -n 2 --to 1,1"]
    for command in commands:
        lab.run_printed(command)
    assert lab.compare().differences == ()
