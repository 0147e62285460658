"""A comparison as text and as JSON, and the order of its commands."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.bundle.model import Bundle, Machine
from botlab.juju import Juju
from botlab.live.comparison.compare import Comparison
from botlab.live.comparison.differences import (
    Difference,
    JujuCommand,
    Remedy,
    Stage,
    by_deploy,
    impossible,
    unattended,
)
from botlab.live.comparison.first_machines import add_machine
from botlab.live.comparison.report import comparison_json, comparison_lines, has_impossible
from botlab.plan.difference import Delta

DEPLOY = "botlab deploy site.yaml"
WHY_DEPLOY = "this deploys what is missing, and changes what deploy can"
REFRESH = JujuCommand(Stage.REFRESH, "refresh", ("a",), ("--path", "./a b.charm"), "it changed")
ADD_UNIT = JujuCommand(
    Stage.UNITS, "add-unit", ("a",), why="one unit more", is_part_of_deploy=True
)
REMOVE = JujuCommand(Stage.REMOVE_UNITS, "remove-unit", ("a/1",), why="one unit less")
UNITS = Difference(Delta("changed", "application", "a", "num_units", "2", "1"), (REMOVE, REMOVE))
CHARM = Difference(Delta("changed", "application", "a", "charm", "x", "y"), (REFRESH,))
ADDED = Difference(Delta("added", "application", "b"), (ADD_UNIT,))
BASE = impossible(Delta("changed", "application", "a", "base", "1", ""), "deploy it anew")


def comparison(*differences: Difference, notes: tuple[str, ...] = ()) -> Comparison:
    """Return a comparison."""
    return Comparison(differences, notes, {})


def test_lines_show_differences_by_kind_and_then_each_command_once() -> None:
    """In the order in which the commands can succeed, with the model and the reason."""
    gone = Difference(Delta("removed", "machine", "3"))

    assert list(comparison_lines(comparison(UNITS, gone, CHARM, ADDED, BASE), DEPLOY, "c:m")) == [
        "missing in the model:",
        "  application b",
        "different (model -> site):",
        "  application a: num_units 2 -> 1",
        "  application a: charm x -> y",
        "  application a: base 1 -> (none) (deploy it anew)",
        "only in the model:",
        "  machine 3",
        "to change the model to what the site says, run these commands in this order:",
        "  juju refresh a --path './a b.charm' --model c:m  # it changed",
        "  juju add-unit a --model c:m  # one unit more",
        "  juju remove-unit a/1 --model c:m  # one unit less",
    ]
    assert list(comparison_lines(comparison(), DEPLOY)) == ["No differences."]
    assert list(comparison_lines(comparison(gone), DEPLOY)) == [
        "only in the model:",
        "  machine 3",
    ]


def test_deploy_replaces_the_commands_that_do_a_part_of_it() -> None:
    """Between those that must come first and those that must come later."""
    missing = by_deploy(Delta("added", "application", "c"))
    report = comparison_json(comparison(UNITS, CHARM, ADDED, missing), DEPLOY)

    assert report["commands"] == [
        {"command": "juju refresh a --path './a b.charm'", "why": "it changed"},
        {"command": DEPLOY, "why": WHY_DEPLOY},
        {"command": "juju remove-unit a/1", "why": "one unit less"},
    ]
    assert report["added"] == [
        {"kind": "application", "name": "b", "remedy": "commands", "advice": ""},
        {"kind": "application", "name": "c", "remedy": "deploy", "advice": ""},
    ]


@pytest.mark.parametrize(
    ("differences", "notes", "report"),
    [
        (
            (),
            ("a note",),
            {
                "ok": True,
                "added": [],
                "changed": [],
                "removed": [],
                "commands": [],
                "notes": ["a note"],
            },
        ),
        (
            (BASE,),
            (),
            {
                "ok": False,
                "added": [],
                "changed": [
                    {
                        "kind": "application",
                        "name": "a",
                        "field": "base",
                        "old": "1",
                        "new": "",
                        "remedy": "nothing",
                        "advice": "deploy it anew",
                    }
                ],
                "removed": [],
                "commands": [],
                "notes": [],
            },
        ),
    ],
)
def test_json_has_all_keys(
    differences: tuple[Difference, ...], notes: tuple[str, ...], report: dict[str, Any]
) -> None:
    """Other programs read them."""
    assert comparison_json(comparison(*differences, notes=notes), DEPLOY) == report
    assert has_impossible(comparison(*differences)) is bool(differences)


def test_further_differences_come_first() -> None:
    further = comparison(UNITS).with_differences([CHARM])

    assert further.differences == (CHARM, UNITS)
    assert not further.needs_deploy
    assert not has_impossible(further)
    assert comparison(by_deploy(CHARM.delta)).needs_deploy
    assert CHARM.remedy is Remedy.COMMANDS


def test_operand_that_looks_like_an_option_is_kept_apart() -> None:
    """The client would otherwise refuse it."""
    plain = JujuCommand(Stage.OPTIONS, "config", ("a", "x=1"), ("--file", "f"), unattended=("-y",))
    dashed = JujuCommand(Stage.OPTIONS, "config", ("a", "-x"), ("--file", "f"), unattended=("-y",))

    assert plain.arguments == ["config", "a", "x=1", "--file", "f", "-y"]
    assert dashed.arguments == ["config", "--file", "f", "-y", "--", "a", "-x"]


def test_stages_before_the_deployment_and_those_that_remove() -> None:
    """Replacing a unit removes one before Juju deploys."""
    assert [stage.name for stage in Stage if stage.precedes_deploy] == [
        "REFRESH", "MODEL", "OPTIONS", "FIRST_MACHINES", "FIRST_UNITS", "REPLACE_UNITS",
    ]  # fmt: skip
    assert [stage.name for stage in Stage if stage.is_removal] == [
        "REPLACE_UNITS", "REMOVE_RELATIONS", "REMOVE_UNITS", "REMOVE_OFFERS",
        "REMOVE_APPLICATIONS", "REMOVE_MACHINES",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("juju", "options"),
    [
        (Juju.V2_6, ()),
        (Juju.V2_9, ()),
        (Juju.V3_6, ("--no-prompt",)),
        (Juju.V4_0, ("--no-prompt",)),
    ],
)
def test_client_asks_before_it_removes_from_juju_3_on(
    juju: Juju, options: tuple[str, ...]
) -> None:
    assert unattended(juju) == options


@pytest.mark.parametrize(
    ("machine", "default", "options"),
    [
        ("ubuntu@24.04", "ubuntu@22.04", " --base ubuntu@24.04"),
        ("", "ubuntu@22.04", " --base ubuntu@22.04"),
        ("", "", ""),
    ],
)
def test_first_machine_is_added_as_deploy_would(machine: str, default: str, options: str) -> None:
    """With its constraints, and with its base or the bundle's."""
    command = add_machine(
        Bundle(default_base=default), Machine(constraints="tags=node0", base=machine)
    )

    assert command.text() == f"juju add-machine --constraints tags=node0{options}"
    assert command.stage is Stage.FIRST_MACHINES
    assert command.why == "its unit, which Juju 4 needs before deploy, is added after it"
