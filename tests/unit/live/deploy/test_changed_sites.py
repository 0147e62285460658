"""Deployments of sites whose machines, units and applications changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.deploy_runs import DeployRun
from helpers.small_labs import DeployedLab, deployed_lab, small_bundle

GENERATIONS = ("2.6", "2.9", "3.6", "4.0")


def _write(lab: DeployedLab, bundle: dict[str, Any]) -> None:
    lab.path.write_text(yaml.safe_dump(bundle))


def _bundle(lab: DeployedLab) -> dict[str, Any]:
    return small_bundle(lab.juju.generation)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_machines_without_units_are_used_again(tmp_path: Path, generation: str) -> None:
    """Juju adds all machines before it adds the first unit."""
    lab = deployed_lab(tmp_path, generation, has_planner=True)
    with lab.juju.model() as model:
        model["units"] = {}
        model["machines"].pop("1/lxd/0")
    run = DeployRun(lab)
    report = run.deploy(waits=False)
    assert report.exit_status == 0, run.conversation.lines
    assert run.deploys()[-1] == ["--map-machines=0=0,1=1"]
    assert lab.compare().differences == ()
    machines = [name for name in lab.model.status().machines if "/" not in name]
    assert machines == ["0", "1"]
    assert lab.juju.violations == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_new_machine_and_unit_are_added(tmp_path: Path, generation: str) -> None:
    lab = deployed_lab(tmp_path, generation, has_planner=True)
    bundle = _bundle(lab)
    bundle["machines"]["2"] = {**bundle["machines"]["1"], "constraints": "tags=third"}
    bundle["applications"]["store"].update(num_units=2, to=["1", "2"])
    _write(lab, bundle)
    comparison = lab.compare()
    assert [str(entry.delta) for entry in comparison.differences] == [
        "application store: num_units 1 -> 2",
        "machine 2",
    ]
    assert comparison.needs_deploy
    assert comparison.commands_beside_deploy() == []
    assert DeployRun(lab).deploy(waits=False).exit_status == 0
    assert lab.compare().differences == ()


@pytest.mark.parametrize("generation", GENERATIONS)
def test_machine_that_the_site_no_longer_has_is_removed(tmp_path: Path, generation: str) -> None:
    lab = deployed_lab(tmp_path, generation, has_planner=True)
    bundle = _bundle(lab)
    del bundle["machines"]["0"]
    bundle["applications"]["web"].update(num_units=1, to=["lxd:1"])
    _write(lab, bundle)
    report = DeployRun(lab).deploy(waits=False, remove=True)
    assert report.exit_status == 0
    assert [step.details for step in report.steps if step.name == "remove"] == [
        {"commands": ["juju remove-unit web/0", "juju remove-machine 0"]}
    ]
    assert lab.compare().differences == ()
    assert lab.juju.violations == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_unit_moves_to_another_machine(tmp_path: Path, generation: str) -> None:
    lab = deployed_lab(tmp_path, generation, has_planner=True)
    lab.rewrite(store={"to": ["0"]})
    bundle = yaml.safe_load(lab.path.read_text())
    _write(lab, bundle)
    report = DeployRun(lab).deploy(waits=False, remove=True)
    assert report.exit_status == 0
    commands = [step.details.get("commands") for step in report.steps[-2:]]
    assert commands == [["juju add-unit store --to 0"], ["juju remove-unit store/0"]]
    assert lab.compare().differences == ()


@pytest.mark.parametrize("generation", GENERATIONS)
def test_unit_moves_to_a_machine_that_the_model_lacks(tmp_path: Path, generation: str) -> None:
    """Juju adds no machine that no new unit needs, so the first unit must go first."""
    lab = deployed_lab(tmp_path, generation, has_planner=True)
    bundle = _bundle(lab)
    bundle["machines"]["2"] = {**bundle["machines"]["1"], "constraints": "tags=third"}
    bundle["applications"]["store"]["to"] = ["2"]
    _write(lab, bundle)
    refused = DeployRun(lab).deploy(waits=False)  # --yes alone removes nothing
    assert refused.remaining == ["juju remove-unit store/0"]
    assert (refused.steps[-1].name, refused.exit_status) == ("plan", 1)
    report = DeployRun(lab).deploy(waits=False, remove=True)
    assert report.exit_status == 0, report.steps
    assert lab.compare().differences == ()
    assert lab.model.status().units["store/1"].machine == "2"


def test_application_leaves_the_site_and_another_comes(tmp_path: Path) -> None:
    lab = deployed_lab(tmp_path, "3.6", has_planner=True)
    bundle = _bundle(lab)
    bundle["applications"]["cache"] = bundle["applications"].pop("store")
    bundle["relations"] = [["web:cache", "cache:db"], ["agent:host", "web:juju-info"]]
    _write(lab, bundle)
    run = DeployRun(lab)
    report = run.deploy(waits=False, remove=True)
    assert report.exit_status == 0, run.conversation.lines
    assert [step.details for step in report.steps if step.name == "remove"] == [
        {"commands": ["juju remove-application store"]}
    ]
    assert lab.compare().differences == ()
    assert lab.juju.violations == []
