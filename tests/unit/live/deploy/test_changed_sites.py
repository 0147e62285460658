"""Deployments of sites whose machines, units and applications changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.live.errors import CommandFailedError
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
    # In Juju 4 the units are added before `juju deploy`, which then has nothing to do.
    assert run.deploys()[1:] == ([] if generation == "4.0" else [["--map-machines=0=0,1=1"]])
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


FIRST = "deploy fails with Juju 4 if an application of a local charm has no unit"


def _remove_units_of(lab: DeployedLab, *names: str) -> None:
    """Leave applications without units, as a deployment that ended too early does."""
    with lab.juju.model() as model:
        units = model["units"].items()
        removed = {name for name, unit in units if unit["application"] in names}
        model["units"] = {
            name: unit
            for name, unit in units
            if name not in removed and unit.get("principal") not in removed
        }


def test_client_of_juju_4_does_not_find_the_charm_of_an_application_without_units(
    tmp_path: Path,
) -> None:
    lab = deployed_lab(tmp_path, "4.0")
    _remove_units_of(lab, "store")
    with pytest.raises(
        CommandFailedError, match=r"cannot deploy local charm at .*: file does not"
    ):
        lab.run(f"deploy {lab.path} --map-machines=existing")


@pytest.mark.parametrize("generation", GENERATIONS)
def test_application_without_units_gets_them(tmp_path: Path, generation: str) -> None:
    lab = deployed_lab(tmp_path, generation, has_planner=True)
    _remove_units_of(lab, "store", "web")
    run = DeployRun(lab)
    report = run.deploy(waits=False)
    assert report.exit_status == 0, run.conversation.lines
    assert lab.compare().differences == ()
    assert list(lab.model.status().machines) == ["0", "1", "1/lxd/0", "1/lxd/1"]
    commands = [step.details["commands"] for step in report.steps if step.details]
    if generation == "4.0":
        assert commands == [
            [
                "juju add-unit store --to 1",
                "juju add-unit web --to 0",
                "juju add-unit web --to lxd:1",
            ]
        ]
        assert f"  juju add-unit store --to 1  # {FIRST}" in run.conversation.lines
        assert "- add unit" not in str(run.conversation.lines)
    else:
        assert commands == []
    assert run.conversation.lines[0].startswith("The model has 3 of 3 applications, 0 of 3 units")
    assert lab.juju.violations == []


def test_application_without_units_whose_machine_is_missing_must_be_removed(
    tmp_path: Path,
) -> None:
    """A machine without constraints of its own cannot be recognised once it is added."""
    lab = deployed_lab(tmp_path, "4.0", has_planner=True)
    bundle = _bundle(lab)
    bundle["machines"]["2"] = {"base": "ubuntu@22.04"}
    bundle["applications"]["store"]["to"] = ["2"]
    _write(lab, bundle)
    _remove_units_of(lab, "store")
    report = DeployRun(lab).deploy(waits=False)
    assert (report.steps[-1].name, report.exit_status) == ("plan", 1)
    assert report.steps[-1].message.startswith(
        "Juju refuses the plan: Juju 4 does not find the local charm of an application without"
        " units again, and store has none; run `juju remove-application store -m maas:botlab`, so"
        " that the deployment adds it with its units"
    )
    lab.run("remove-application store --no-prompt")
    assert DeployRun(lab).deploy(waits=False).exit_status == 0
    assert lab.compare().differences == ()


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
