"""The comparison of a lab with a model, in which somebody changes one thing after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.live.comparison.differences import Remedy
from botlab.live.comparison.report import comparison_json, comparison_lines
from helpers.small_labs import DeployedLab, deployed_lab

GENERATIONS = ("2.6", "2.9", "3.6", "4.0")
DEPLOY = "botlab deploy bundle.yaml"


@pytest.mark.parametrize("generation", GENERATIONS)
def test_deployed_lab_does_not_differ(tmp_path: Path, generation: str) -> None:
    lab = deployed_lab(tmp_path, generation)
    comparison = lab.compare()
    assert list(comparison_lines(comparison, DEPLOY)) == ["No differences."]
    assert comparison.machines == {"0": "0", "1": "1"}
    assert lab.juju.violations == []


# What somebody does to the model, the difference, and the command that ends it.
CHANGES = [
    (
        "config web colour=green",
        "application web: options.colour green -> red",
        "juju config web colour=red",
    ),
    (
        "config web fast=true",
        "application web: options.fast true -> false",
        "juju config web {default_fast}",
    ),
    (
        "config web --reset size",
        "application web: options.size 3 -> 5",
        "juju config web size=5",
    ),
    (
        "set-constraints store arch=amd64 mem=2G",
        "application store: constraints arch=amd64 mem=2048M -> arch=amd64 mem=4G",
        "juju set-constraints store arch=amd64 mem=4G",
    ),
    (
        "remove-relation web:db store:db",
        "relation store:db web:db",
        "juju {integrate} web:db store:db",
    ),
    (
        "{integrate} web:cache store:replica",
        "relation store:replica web:cache",
        "juju remove-relation store:replica web:cache",
    ),
    (
        "add-unit store --to 0",
        "application store: num_units 2 -> 1",
        "juju remove-unit store/1",
    ),
    (
        "remove-unit web/1 {no_prompt}",
        "application web: num_units 1 -> 2",
        "juju add-unit web --to lxd:1",
    ),
    ("unexpose web", "application web: expose false -> true", "juju expose web"),
    ("expose store", "application store: expose true -> false", "juju unexpose store"),
    ("trust store", "application store: trust true -> false", "juju trust store --remove"),
]


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(("change", "difference", "remedy"), CHANGES)
def test_change_of_the_model_is_named_with_the_command_that_ends_it(
    tmp_path: Path, generation: str, change: str, difference: str, remedy: str
) -> None:
    words = _words(generation)
    lab = deployed_lab(tmp_path, generation)
    lab.run(change.format(**words))
    comparison = lab.compare()
    assert [str(entry.delta) for entry in comparison.differences] == [difference]
    assert [command.text() for command in comparison.commands()] == [remedy.format(**words)]
    lab.run_printed(remedy.format(**words))
    assert lab.compare().differences == ()
    assert lab.juju.violations == []


def _words(generation: str) -> dict[str, str]:
    is_juju_2 = generation < "3"
    return {
        "integrate": "relate" if is_juju_2 else "integrate",
        "no_prompt": "" if is_juju_2 else "--no-prompt",
        # Juju 4.0.15 runs no hook after a reset.
        "default_fast": "fast=false" if generation == "4.0" else "--reset fast",
    }


@pytest.mark.parametrize("generation", GENERATIONS)
def test_change_of_the_site_is_named_with_the_command_that_ends_it(
    tmp_path: Path, generation: str
) -> None:
    lab = deployed_lab(tmp_path, generation)
    lab.rewrite(
        web={"options": {"colour": "white"}, "expose": False, "num_units": 1, "to": ["0"]},
        store={"constraints": "arch=amd64 cores=2"},
    )
    comparison = lab.compare()
    default, why = "--reset size", "the site does not set it, and deploy never resets an option"
    colour = ["  juju config web colour=white --model maas:botlab  # the site sets it"]
    early: list[str] = []
    if generation == "4.0":
        default = "size=3"
        why = "the site does not set it; in Juju 4 a reset would run no hook of the charm"
        reason = "Juju 4 cannot set options of a running application with a bundle"
        early = [f"  juju config web colour=white --model maas:botlab  # {reason}"]
        colour = []
    assert list(comparison_lines(comparison, DEPLOY, "maas:botlab")) == [
        "different (model -> site):",
        "  application store: constraints arch=amd64 mem=4096M -> arch=amd64 cores=2",
        "  application web: options.colour red -> white",
        "  application web: options.size 5 -> 3",
        "  application web: expose true -> false",
        "  application web: num_units 2 -> 1",
        "to change the model to what the site says, run these commands in this order:",
        *early,
        "  juju set-constraints store arch=amd64 cores=2 --model maas:botlab  # the site names"
        " these constraints",
        *colour,
        f"  juju config web {default} --model maas:botlab  # {why}",
        "  juju unexpose web --model maas:botlab  # deploy never ends an exposure",
        "  juju remove-unit web/1 --model maas:botlab  # the site has no unit on lxd:1",
    ]
    for command in comparison.commands():
        lab.run_printed(command.text())
    assert lab.compare().differences == ()
    assert lab.juju.violations == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_application_that_only_the_model_has_is_removed_with_its_machine(
    tmp_path: Path, generation: str
) -> None:
    lab = deployed_lab(tmp_path, generation)
    lab.run("deploy postgresql")
    comparison = lab.compare()
    assert [str(entry.delta) for entry in comparison.differences] == [
        "application postgresql",
        "machine 2",
    ]
    assert [command.text() for command in comparison.commands()] == [
        "juju remove-application postgresql",
        "juju remove-machine 2",
    ]
    for command in comparison.commands():
        lab.model.run_client(command.arguments)
    assert lab.compare().differences == ()
    assert lab.juju.violations == []


def test_missing_application_needs_deploy_and_leaves_out_what_deploy_does(tmp_path: Path) -> None:
    lab = deployed_lab(tmp_path, "3.6")
    lab.run("remove-application store --no-prompt")
    lab.run("config web colour=green fast=true")
    report = comparison_json(lab.compare(), DEPLOY)
    assert report["added"] == [
        {"kind": "application", "name": "store", "remedy": "deploy", "advice": ""}
    ]
    assert [entry["field"] for entry in report["changed"]] == ["options.colour", "options.fast"]
    assert report["commands"] == [
        {
            "command": DEPLOY,
            "why": "this deploys what is missing, and changes what deploy can",
        },
        {
            "command": "juju config web --reset fast",
            "why": "the site does not set it, and deploy never resets an option",
        },
    ]
    assert not report["ok"]


def test_secret_option_is_not_shown_and_only_deploy_sets_it(tmp_path: Path) -> None:
    lab = deployed_lab(tmp_path, "3.6")
    lab.rewrite(store={"options": {"admin-password": "hunter2"}})
    report = comparison_json(lab.compare(), DEPLOY)
    assert report["changed"] == [
        {
            "kind": "application",
            "name": "store",
            "field": "options.admin-password",
            "old": "(not shown)",
            "new": "(not shown)",
            "remedy": "deploy",
            "advice": "",
        }
    ]
    assert [entry["command"] for entry in report["commands"]] == [DEPLOY]
    assert "hunter2" not in str(report)


def test_option_that_begins_with_an_at_sign_is_left_to_deploy(tmp_path: Path) -> None:
    """`juju config web colour=@red` would read the file `red`."""
    lab = deployed_lab(tmp_path, "3.6")
    lab.rewrite(web={"options": {"colour": "@red", "size": 5}})
    comparison = lab.compare()
    assert [str(entry.delta) for entry in comparison.differences] == [
        "application web: options.colour red -> @red"
    ]
    assert comparison.commands() == []
    assert comparison.needs_deploy


def test_unit_that_moves_is_added_before_the_old_one_is_removed(tmp_path: Path) -> None:
    lab = deployed_lab(tmp_path, "3.6")
    lab.rewrite(store={"to": ["lxd:0"]})
    comparison = lab.compare()
    assert [str(entry.delta) for entry in comparison.differences] == [
        "application store: to 1 -> lxd:0"
    ]
    assert [command.text() for command in comparison.commands()] == [
        "juju add-unit store --to lxd:0",
        "juju remove-unit store/0",
    ]
    assert not any(command.is_part_of_deploy for command in comparison.commands())


def test_machine_without_units_is_recognised_by_its_constraints(tmp_path: Path) -> None:
    """After an interrupted deployment, machines can have no units yet."""
    lab = deployed_lab(tmp_path, "3.6")
    lab.run("remove-application agent web --no-prompt")
    with lab.juju.model() as model:
        model["machines"]["7"] = {**model["machines"].pop("0")}
    comparison = lab.compare()
    assert comparison.machines == {"0": "7", "1": "1"}


@pytest.mark.parametrize(("generation", "verb"), [("2.6", "upgrade-charm"), ("4.0", "refresh")])
def test_changed_local_charm_is_refreshed_before_deploy(
    tmp_path: Path, generation: str, verb: str
) -> None:
    lab = deployed_lab(tmp_path, generation)
    comparison = lab.compare(contents={"web": False, "store": True, "agent": True})
    assert [entry.delta.field for entry in comparison.differences] == ["charm content"]
    (command,) = comparison.commands()
    charm = lab.path.parent / "charms/web.charm"
    assert command.text() == f"juju {verb} web --path {charm}"
    assert command.stage.precedes_deploy
    assert comparison.notes == ("the resources of web were not compared",)


def test_charm_files_that_nobody_can_compare_are_noted(tmp_path: Path) -> None:
    lab: DeployedLab = deployed_lab(tmp_path, "3.6")
    assert lab.compare().notes == (
        "the charm files of agent, store, web were not compared, because no unit could be asked;"
        " if a file has changed since the deployment, run juju refresh with --path",
        "the resources of web were not compared",
    )


@pytest.mark.parametrize(
    ("generation", "platform", "difference"),
    [
        ("2.9", {"series": "bionic"}, "series focal -> bionic"),
        ("3.6", {"base": "ubuntu@24.04"}, "base ubuntu@22.04/stable -> ubuntu@24.04/stable"),
    ],
)
def test_platform_of_an_application_cannot_be_changed(
    tmp_path: Path, generation: str, platform: dict[str, str], difference: str
) -> None:
    """No command of Juju does that for units that exist."""
    lab = deployed_lab(tmp_path, generation)
    lab.rewrite(store=platform)

    (found,) = lab.compare().differences
    assert str(found.delta) == f"application store: {difference}"
    assert (found.remedy, found.commands) == (Remedy.NOTHING, ())
