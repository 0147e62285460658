"""The steps of a deployment, against a scripted model in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.live.deploy import DeployReport, StepStatus
from botlab.live.errors import DeadlineError, UnreachableError
from botlab.live.time_limits import Deadline
from helpers.deploy_runs import Conversation, DeployRun
from helpers.scripted_juju import Fault
from helpers.small_labs import DeployedLab, deployed_lab, empty_lab, write_charm

GENERATIONS = ("2.6", "2.9", "3.6", "4.0")
EXPOSE = {
    "2.6": [],
    "2.9": ["- expose all endpoints of web and allow access from CIDRs 0.0.0.0/0 and ::/0"],
}
CONTINUES = "correct the cause, and repeat the command: it continues where it ended"


def _ends(report: DeployReport) -> list[tuple[str, str]]:
    return [(step.name, step.status.value) for step in report.steps]


ALL_DONE = [
    ("preflight", "done"),
    ("dry run", "done"),
    ("deploy", "done"),
    ("wait", "done"),
    ("kubeconfig", "done"),
    ("verify", "done"),
]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_empty_model_gets_the_lab_and_a_second_run_changes_nothing(
    tmp_path: Path, generation: str
) -> None:
    run = DeployRun(empty_lab(tmp_path, generation))
    report = run.deploy()
    assert _ends(report) == ALL_DONE
    assert report.exit_status == 0
    assert run.lab.compare().differences == ()
    assert run.deploys() == [[]]

    again = DeployRun(run.lab)
    report = again.deploy(yes=False)  # nobody is asked
    assert _ends(report) == [
        ("plan", "done"),
        ("dry run", "done"),
        ("wait", "done"),
        ("kubeconfig", "done"),
        ("verify", "done"),
    ]
    lines = [line for line in again.conversation.lines if line.startswith("- ")]
    assert lines == EXPOSE.get(generation, EXPOSE["2.9"])
    heading = "juju deploy prints these lines again, but they have no effect:"
    assert (heading in again.conversation.lines) == bool(lines)
    assert len(report.as_json()["ineffective"]) == len(lines)
    assert len(run.deploys()) == 1
    assert run.lab.juju.violations == []


def test_plan_is_shown_before_anybody_is_asked(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"), Conversation(answers=[False]))
    report = run.deploy(yes=False)
    assert _ends(report) == [("confirm", "failed")]
    assert report.exit_status == 1
    assert run.conversation.questions == ["Change the model maas:botlab as shown?"]
    assert run.conversation.lines[:2] == [
        "The model is empty.",
        "juju deploy will make these changes:",
    ]
    assert run.lab.juju.calls_of("deploy") == []


def test_nothing_happens_if_nobody_can_answer(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"))
    with pytest.raises(BotlabError, match="nobody answers"):
        run.deploy(yes=False)
    assert run.lab.juju.calls_of("deploy") == []


def test_failed_preflight_stops_before_juju_is_asked(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"), outcomes={"preflight": StepStatus.FAILED})
    assert _ends(run.deploy()) == [("preflight", "failed")]
    assert run.lab.juju.calls_of("deploy") == []


def test_force_deploys_although_a_preflight_check_failed(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"), outcomes={"preflight": StepStatus.FAILED})
    report = run.deploy(force=True)
    assert _ends(report) == ALL_DONE
    assert report.steps[0].message == "checks failed; deployed because of --force"


@pytest.mark.parametrize(
    ("status", "exit_status"), [(StepStatus.FAILED, 1), (StepStatus.TIMED_OUT, 3)]
)
def test_lab_that_is_not_ready_is_not_verified(
    tmp_path: Path, status: StepStatus, exit_status: int
) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"), outcomes={"wait": status})
    report = run.deploy()
    assert run.calls == ["preflight", "wait"]
    assert report.exit_status == exit_status
    assert not report.as_json()["ok"]


def test_lab_without_a_kubeconfig_is_verified_and_fails(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"), outcomes={"kubeconfig": StepStatus.FAILED})
    report = run.deploy()
    assert run.calls == ["preflight", "wait", "kubeconfig", "verify"]
    assert report.exit_status == 1


def test_no_wait_ends_after_the_deployment(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"))
    assert _ends(run.deploy(waits=False)) == ALL_DONE[:3]


def test_dry_run_that_differs_stops_the_deployment(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"))
    run.lab.juju.queue_dry_run("Changes to deploy bundle:\n- upload charm other\n")
    report = run.deploy()
    assert _ends(report) == [("preflight", "done"), ("dry run", "failed")]
    assert report.exit_status == 1
    assert report.steps[-1].message == (
        "the dry run of juju differs from the plan, so nothing was deployed; read the lines above"
        " (- botlab, + juju), and add --force if those of juju are right"
    )
    diff = report.steps[-1].details["diff"]
    assert diff[:2] == ["--- the plan of botlab", "+++ juju deploy --dry-run"]
    assert diff[-1] == "+- upload charm other"
    assert run.deploys() == []


def test_force_deploys_although_the_dry_run_differs(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"))
    run.lab.juju.queue_dry_run("Changes to deploy bundle:\n- upload charm other\n")
    report = run.deploy(force=True)
    assert _ends(report) == ALL_DONE
    assert report.steps[1].details["diff"][-1] == "+- upload charm other"
    assert run.deploys() == [[]]


def test_client_that_refuses_the_bundle_is_quoted(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"))
    run.lab.juju.queue_dry_run("", "ERROR cannot deploy bundle: invalid charm\n", 1)
    report = run.deploy()
    assert _ends(report)[-1] == ("dry run", "failed")
    assert "cannot deploy bundle: invalid charm" in report.steps[-1].message
    assert report.steps[-1].message.endswith(CONTINUES)
    assert report.exit_status == 1


@pytest.mark.parametrize("generation", GENERATIONS)
def test_deployment_that_ended_half_way_is_continued(tmp_path: Path, generation: str) -> None:
    run = DeployRun(empty_lab(tmp_path, generation))
    run.lab.juju.fail_deploy_at("web", "cannot add application web: disk full")
    report = run.deploy()
    assert _ends(report)[-1] == ("deploy", "failed")
    assert report.exit_status == 1
    assert "cannot add application web: disk full" in report.steps[-1].message
    assert report.steps[-1].message.endswith(
        f"; the model keeps what was deployed so far; {CONTINUES}"
    )
    with run.lab.juju.state() as state:
        state["deploy_failure"] = None

    again = DeployRun(run.lab)
    report = again.deploy()
    first_units = [
        "juju add-machine --constraints tags=back --base ubuntu@22.04",
        "juju add-unit store --to 0",
    ]
    prepared = first_units if generation == "4.0" else []
    commands = [step.details["commands"] for step in report.steps if step.name == "prepare"]
    assert commands == [[command] for command in prepared]
    done = [("prepare", "done")] * len(prepared)
    assert _ends(report) == [ALL_DONE[0], *done, *ALL_DONE[1:]]
    assert again.conversation.lines[0].startswith("The model has 2 of 3 applications")
    assert run.lab.compare().differences == ()
    assert len(run.lab.model.status().machines) == len(("0", "1", "1/lxd/0"))
    assert run.lab.juju.violations == []


def test_controller_that_is_gone_raises_and_the_next_run_continues(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"))
    run.lab.juju.fail(Fault.connection_refused("deploy").after_calls(1).for_calls(1))
    with pytest.raises(UnreachableError):
        run.deploy()
    assert run.calls == ["preflight"]
    assert _ends(DeployRun(run.lab).deploy()) == ALL_DONE


def test_deployment_stops_when_the_time_is_over(tmp_path: Path) -> None:
    run = DeployRun(empty_lab(tmp_path, "3.6"))
    with pytest.raises(DeadlineError) as caught:
        run.deploy(deadline=Deadline(0))
    assert caught.value.exit_status == 3
    assert run.lab.juju.calls_of("status") == []


def _change(lab: DeployedLab) -> None:
    """Change a site so that Juju must change, reset and remove something."""
    lab.rewrite(web={"options": {"colour": "white"}, "expose": False, "num_units": 1, "to": ["0"]})


SETTINGS = ["juju config web --reset size", "juju unexpose web"]
REMOVALS = ["juju remove-unit web/1"]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_yes_changes_everything_but_removes_nothing(tmp_path: Path, generation: str) -> None:
    run = DeployRun(deployed_lab(tmp_path, generation, has_planner=True))
    _change(run.lab)
    report = run.deploy(waits=False)
    is_juju_4 = generation == "4.0"
    assert _ends(report) == [
        ("preflight", "done"),
        *([("prepare", "done")] if is_juju_4 else []),
        ("dry run", "done"),
        ("deploy", "skipped" if is_juju_4 else "done"),
        ("change", "done"),
        ("remove", "skipped"),
    ]
    default = "juju config web size=3" if is_juju_4 else SETTINGS[0]
    assert report.steps[-2].details == {"commands": [default, SETTINGS[1]]}
    assert report.remaining == REMOVALS
    assert report.exit_status == 0
    assert [str(entry.delta) for entry in run.lab.compare().differences] == [
        "application web: num_units 2 -> 1"
    ]
    assert run.deploys()[1:] == ([] if is_juju_4 else [["--map-machines=0=0,1=1"]])
    assert run.lab.juju.violations == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_remove_with_yes_also_removes(tmp_path: Path, generation: str) -> None:
    run = DeployRun(deployed_lab(tmp_path, generation, has_planner=True))
    _change(run.lab)
    report = run.deploy(waits=False, remove=True)
    assert _ends(report)[-1] == ("remove", "done")
    assert report.remaining == []
    assert run.lab.compare().differences == ()
    assert run.lab.juju.violations == []


def test_each_group_is_asked_for(tmp_path: Path) -> None:
    lab = deployed_lab(tmp_path, "3.6", has_planner=True)
    run = DeployRun(lab, Conversation(answers=[True, False, True]))
    _change(lab)
    report = run.deploy(yes=False, waits=False)
    assert run.conversation.questions == [
        "Change the model maas:botlab as shown?",
        "Run these commands?",
        "Run these commands, which REMOVE parts of the model?",
    ]
    shown = [
        line.partition("  # ") for line in run.conversation.lines if line.startswith("  juju")
    ]
    # With the plan, and again before each question.
    commands = [f"  {text}" for text in (*SETTINGS, *REMOVALS)]
    assert [command for command, _, _ in shown] == commands * 2
    assert shown[-1][2] == "the site has no unit on lxd:1"
    assert report.remaining == SETTINGS
    assert [str(entry.delta) for entry in lab.compare().differences] == [
        "application web: options.size 5 -> 3",
        "application web: expose true -> false",
    ]


def test_command_that_fails_ends_the_deployment(tmp_path: Path) -> None:
    run = DeployRun(deployed_lab(tmp_path, "3.6", has_planner=True))
    _change(run.lab)
    run.lab.juju.fail(Fault.error("unexpose", "application is locked"))
    report = run.deploy()
    assert _ends(report)[-1] == ("change", "failed")
    assert "application is locked" in report.steps[-1].message
    assert report.exit_status == 1
    assert run.calls == ["preflight"]


def test_local_charm_is_refreshed_before_the_deployment(tmp_path: Path) -> None:
    """A unit answers with the digests of its charm's files, which differ from the archive's."""
    run = DeployRun(deployed_lab(tmp_path, "3.6", has_planner=True))
    directory = "/var/lib/juju/agents/unit-web-0/charm"
    run.lab.juju.set_command_result("web/0", "sha256sum", f"{'0' * 64}  {directory}/src/charm.py")
    write_charm(run.lab.path.parent / "charms/web.charm", "web", "3.6", "version 2\n")
    report = run.deploy(waits=False)
    charm = run.lab.path.parent / "charms/web.charm"
    assert ("prepare", "done") in _ends(report)
    prepare = next(step for step in report.steps if step.name == "prepare")
    assert prepare.details == {"commands": [f"juju refresh web --path {charm}"]}
    assert [list(call.arguments[3:]) for call in run.lab.juju.calls_of("refresh")] == [
        ["web", "--path", str(charm)]
    ]


def test_printed_commands_name_a_model_that_is_not_the_current_one(tmp_path: Path) -> None:
    run = DeployRun(deployed_lab(tmp_path, "3.6", has_planner=True))
    _change(run.lab)
    report = run.deploy(waits=False, names_model=True)
    assert report.remaining == ["juju remove-unit web/1 --model maas:botlab"]
    assert run.lab.juju.violations == []
