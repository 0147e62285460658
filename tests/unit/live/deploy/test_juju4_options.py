"""Changed options in Juju 4, whose controller refuses to set them with a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.live.errors import CommandFailedError
from helpers.deploy_runs import DeployRun
from helpers.small_labs import deployed_lab

REASON = "Juju 4 cannot set options of a running application with a bundle"
FILE = f"{REASON}; @FILE is a file with the value of admin-password"


def test_client_of_juju_4_refuses_to_change_options_with_a_bundle(tmp_path: Path) -> None:
    lab = deployed_lab(tmp_path, "4.0")
    lab.rewrite(web={"options": {"colour": "white", "size": 5}})
    with pytest.raises(CommandFailedError) as caught:
        lab.run(f"deploy {lab.path} --map-machines=existing")
    assert str(caught.value) == (
        'juju deploy: cannot deploy bundle: cannot update options for application "web": config'
        " yaml not supported not implemented"
    )


def test_changed_options_are_set_before_the_deployment(tmp_path: Path) -> None:
    run = DeployRun(deployed_lab(tmp_path, "4.0", has_planner=True))
    options = {"colour": "white", "size": 7, "admin-password": "abcdefghijk"}
    run.lab.rewrite(web={"options": options}, store={"constraints": "arch=amd64 cores=2"})
    report = run.deploy(waits=False)
    assert [(step.name, step.status.value) for step in report.steps] == [
        ("preflight", "done"),
        ("prepare", "done"),
        ("dry run", "done"),
        ("deploy", "done"),
    ]
    command = "juju config web admin-password=@FILE colour=white size=7"
    assert report.steps[1].details == {"commands": [command]}
    assert run.lab.compare().differences == ()
    assert run.deploys()[1:] == [["--map-machines=0=0,1=1"]]
    calls = [call.arguments for call in run.lab.juju.calls_of("config")]
    assert "abcdefghijk" not in str(calls)
    lines = run.conversation.lines
    assert "- set application options for web" not in lines
    start = lines.index("before juju deploy, these commands are run:")
    assert lines[start + 1] == f"  {command}  # {FILE}"
    assert "abcdefghijk" not in str(lines) + str(report.as_json()) + repr(run.lab.compare())


def test_option_in_another_type_than_the_charms_is_refused_before_the_deployment(
    tmp_path: Path,
) -> None:
    """Juju compares the values with their types, and would set the option each time."""
    run = DeployRun(deployed_lab(tmp_path, "4.0", has_planner=True))
    run.lab.rewrite(web={"options": {"colour": "red", "size": "5"}})
    report = run.deploy(waits=False)
    assert report.steps[-1].name == "plan"
    assert report.exit_status == 1
    assert report.steps[-1].message.startswith(
        f"Juju refuses the plan: {REASON}, but would try it with size of web, because the bundle"
        " has the value in another type than the charm; write it in the type that juju config"
        " APPLICATION prints"
    )
    assert len(run.deploys()) == 1
