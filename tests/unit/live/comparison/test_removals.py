"""Applications, units and machines that are being removed when the model is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helpers.deploy_runs import DeployRun
from helpers.live_differences import summary
from helpers.scripted_juju import Fault
from helpers.small_labs import deployed_lab

GENERATIONS = ("2.9", "3.6", "4.0")
NOTE = (
    "being removed, so that no command is shown for it: {}; wait until juju status does not show"
    " it any more, and repeat the command"
)
ADVICE = "it is being removed; wait until it is gone, and deploy again"


@pytest.mark.parametrize("generation", GENERATIONS)
def test_removal_of_an_application_is_not_proposed_again(tmp_path: Path, generation: str) -> None:
    lab = deployed_lab(tmp_path, generation)
    bundle = yaml.safe_load(lab.path.read_text())
    del bundle["applications"]["agent"]
    bundle["relations"].pop()
    lab.path.write_text(yaml.safe_dump(bundle))
    assert summary(lab.compare().differences)[1] == ["juju remove-application agent"]
    with lab.juju.model() as model:
        model["applications"]["agent"]["life"] = "dying"
    comparison = lab.compare()
    assert comparison.differences == ()
    assert NOTE.format("application agent") in comparison.notes


@pytest.mark.parametrize("generation", GENERATIONS)
def test_application_of_the_site_that_is_being_removed_cannot_be_deployed_yet(
    tmp_path: Path, generation: str
) -> None:
    lab = deployed_lab(tmp_path, generation)
    with lab.juju.model() as model:
        model["applications"]["agent"]["life"] = "dying"
    (difference,) = lab.compare().differences
    assert str(difference.delta) == "application agent: life dying -> alive"
    assert (difference.commands, difference.advice) == ((), ADVICE)
    report = DeployRun(lab).deploy(waits=False)
    assert (report.steps[-1].name, report.exit_status) == ("plan", 1)
    assert "these applications are being removed: agent" in report.steps[-1].message


@pytest.mark.parametrize("generation", GENERATIONS)
def test_removal_of_a_unit_is_not_proposed_again(tmp_path: Path, generation: str) -> None:
    lab = deployed_lab(tmp_path, generation)
    lab.rewrite(web={"num_units": 1, "to": ["0"]})
    assert summary(lab.compare().differences)[1] == ["juju remove-unit web/1"]
    with lab.juju.model() as model:
        model["units"]["web/1"]["agent"]["life"] = "dying"
    comparison = lab.compare()
    assert comparison.differences == ()
    assert NOTE.format("unit web/1") in comparison.notes


def test_machine_that_is_being_removed_is_not_removed_again(tmp_path: Path) -> None:
    lab = deployed_lab(tmp_path, "4.0")
    lab.run("add-machine")
    assert summary(lab.compare().differences)[1] == ["juju remove-machine 2"]
    with lab.juju.model() as model:
        model["machines"]["2"]["juju_status"]["life"] = "dead"
    comparison = lab.compare()
    assert comparison.differences == ()
    assert NOTE.format("machine 2") in comparison.notes


def test_one_application_that_vanished_leaves_the_others_known(tmp_path: Path) -> None:
    """Juju prints nothing about several applications if one of them does not exist."""
    lab = deployed_lab(tmp_path, "4.0")
    lab.juju.fail(Fault.error("show-application", "application not found").for_calls(2))
    unknown = "constraints, exposed endpoints and bindings of {} are not known"
    notes = [note for note in lab.compare().notes if "bindings" in note]
    assert notes == [unknown.format("agent")]
    lab.juju.fail(Fault.error("show-application", "application not found").for_calls(1))
    assert [note for note in lab.compare().notes if "bindings" in note] == []
