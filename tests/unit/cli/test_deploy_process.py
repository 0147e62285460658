"""``botlab deploy`` and ``botlab diff --live`` as processes, with a scripted client."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.botlab_process import run_botlab, run_shell, start_botlab
from helpers.processes import until
from helpers.scripted_juju import Fault, ScriptedJuju
from helpers.small_labs import small_bundle, write_lab

GENERATIONS = ("2.6", "2.9", "3.6", "4.0")
ROOT = Path(__file__).resolve().parents[3]
CONTINUES = "the same command continues: it looks at the model, and does what is missing\n"


def _lab(tmp_path: Path, generation: str) -> tuple[ScriptedJuju, Path, list[str]]:
    """Return a client with an empty model, the directory of a lab, and botlab's arguments."""
    juju = ScriptedJuju.create(tmp_path, generation)
    bundle = write_lab(juju.home / "lab", generation, small_bundle(generation))
    with juju.model() as model:
        model["ssh_keys"] = ["ssh-ed25519 AAAA administrator"]
    return juju, bundle.parent, ["bundle.yaml", "--juju", generation]


def _json(text: str) -> dict[str, Any]:
    report = json.loads(text)
    assert isinstance(report, dict)
    return report


@pytest.mark.parametrize("generation", GENERATIONS)
def test_lab_is_deployed_compared_changed_and_made_equal_again(
    tmp_path: Path, generation: str
) -> None:
    juju, lab, names = _lab(tmp_path, generation)
    done = run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait", "--format", "json")
    assert done.returncode == 0, done.stderr
    steps = [(step["name"], step["status"]) for step in _json(done.stdout)["steps"]]
    assert steps == [("preflight", "done"), ("dry run", "done"), ("deploy", "done")]
    equal = run_botlab(juju, lab, "diff", *names, "--live")
    assert (equal.returncode, equal.stdout) == (0, "No differences.\n"), equal.stderr

    _change_bundle(lab / "bundle.yaml")
    differing = run_botlab(juju, lab, "diff", *names, "--live", "--format", "json")
    assert differing.returncode == 1
    report = _json(differing.stdout)
    names_of_changes = [(entry["name"], entry["field"]) for entry in report["changed"]]
    assert names_of_changes == [
        ("store", "options.colour"),
        ("store", "constraints"),
        ("web", "expose"),
        ("web", "num_units"),
    ]
    assert report["added"] == [
        {
            "kind": "relation",
            "name": "store:replica web:cache",
            "remedy": "commands",
            "advice": "",
        }
    ]
    for entry in report["commands"]:
        result = run_shell(juju, lab, _unprompted(entry["command"], generation))
        assert result.returncode == 0, result.stderr
    equal = run_botlab(juju, lab, "diff", *names, "--live")
    assert (equal.returncode, equal.stdout) == (0, "No differences.\n"), equal.stderr
    assert juju.violations == []
    assert juju.living_processes() == []


def _change_bundle(path: Path) -> None:
    """Change an option, a constraint, a relation, a unit count and an exposure."""
    bundle = yaml.safe_load(path.read_text())
    applications = bundle["applications"]
    applications["store"]["options"] = {"colour": "dark blue; $HOME"}
    applications["store"]["constraints"] = "arch=amd64 cores=2"
    applications["web"].update(expose=False, num_units=1, to=["0"])
    bundle["relations"].append(["web:cache", "store:replica"])
    path.write_text(yaml.safe_dump(bundle))


def _unprompted(command: str, generation: str) -> str:
    """Return a command that does not ask. The shell's comment follows the command."""
    is_prompted = command.startswith("juju remove-unit") and generation >= "3"
    return f"{command} --no-prompt" if is_prompted else command


def test_deployed_lab_is_waited_for_and_verified(tmp_path: Path) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    done = run_botlab(juju, lab, "deploy", *names, "--yes", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = _json(done.stdout)
    assert report["ok"]
    assert [(step["name"], step["status"]) for step in report["steps"]] == [
        ("preflight", "done"),
        ("dry run", "done"),
        ("deploy", "done"),
        ("wait", "done"),
        ("kubeconfig", "skipped"),
        ("verify", "done"),
    ]


def test_second_deployment_shows_only_lines_without_effect(tmp_path: Path) -> None:
    juju, lab, names = _lab(tmp_path, "4.0")
    assert run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait").returncode == 0
    again = run_botlab(juju, lab, "deploy", *names, "--no-wait")
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines() == [
        "The model has 3 of 3 applications, 3 of 3 units and 2 of 2 machines of the site.",
        "juju deploy prints these lines again, but they have no effect:",
        "- expose all endpoints of web and allow access from CIDRs 0.0.0.0/0 and ::/0",
        "note: the charm files of agent, store, web were not compared, because no unit could be"
        " asked; if a file has changed since the deployment, run juju refresh with --path",
        "note: the resources of web were not compared",
        "plan: the model is what the site says",
        "dry run: the dry run of juju agrees with the plan",
    ]
    assert len([call for call in juju.calls_of("deploy") if "--dry-run" in call.arguments]) == 2


def test_deployment_without_a_terminal_needs_yes(tmp_path: Path) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    done = run_botlab(juju, lab, "deploy", *names)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "botlab: nobody can confirm the changes, because standard input is not a terminal; read"
        " them above, and add --yes to make them"
    )
    assert "- deploy application web on ubuntu@22.04/stable" in done.stdout
    assert juju.calls_of("deploy") == []


def test_deployment_that_juju_refuses_half_way_fails_and_is_continued(tmp_path: Path) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    juju.fail_deploy_at("web", "cannot add application web: disk full")
    done = run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait")
    assert done.returncode == 1
    assert "cannot add application web: disk full; the model keeps what was deployed so far" in (
        done.stdout
    )
    with juju.state() as state:
        state["deploy_failure"] = None
    again = run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait")
    assert again.returncode == 0, again.stdout
    assert again.stdout.startswith("The model has 2 of 3 applications")
    equal = run_botlab(juju, lab, "diff", *names, "--live")
    assert (equal.returncode, equal.stdout) == (0, "No differences.\n"), equal.stderr


@pytest.mark.parametrize("generation", ["2.6", "4.0"])
def test_interrupted_deployment_leaves_no_process_and_is_continued(
    tmp_path: Path, generation: str
) -> None:
    juju, lab, names = _lab(tmp_path, generation)
    hanging = Fault.hang("deploy", has_child=True).after_calls(1).for_calls(1)
    juju.fail(hanging)
    process = start_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait")
    until(lambda: any(call.faults for call in juju.calls_of("deploy")), 60)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"interrupted; {CONTINUES}" in errors
    assert juju.living_processes() == []
    again = run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait")
    assert again.returncode == 0, again.stdout + again.stderr
    equal = run_botlab(juju, lab, "diff", *names, "--live")
    assert (equal.returncode, equal.stdout) == (0, "No differences.\n"), equal.stderr


@pytest.mark.parametrize(
    "fault",
    [
        Fault.connection_refused("status"),
        Fault.not_logged_in("status"),
        Fault.half_written("status"),
    ],
    ids=lambda fault: fault.document()["kind"],
)
@pytest.mark.parametrize("command", ["deploy", "diff"])
def test_model_that_cannot_be_read_ends_with_status_2(
    tmp_path: Path, fault: Fault, command: str
) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    juju.fail(fault)
    option = "--yes" if command == "deploy" else "--live"
    done = run_botlab(juju, lab, command, *names, option, "--format", "json")
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"botlab: {error['message']}"
    assert error["message"].startswith("juju status: ")
    assert (CONTINUES in done.stderr) == (command == "deploy")
    assert juju.calls_of("deploy") == []


def test_time_limit_ends_with_status_3(tmp_path: Path) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    juju.fail(Fault.slow("deploy", 3))
    done = run_botlab(juju, lab, "deploy", *names, "--yes", "--timeout", "3s")
    assert done.returncode == 3, done.stderr
    assert done.stderr.splitlines()[-2] == f"not finished; {CONTINUES}".rstrip()
    assert "--timeout" in done.stderr.splitlines()[-1]
    assert juju.living_processes() == []


def test_dry_run_that_differs_is_shown_and_stops(tmp_path: Path) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    juju.queue_dry_run("Changes to deploy bundle:\n- upload charm other\n")
    done = run_botlab(juju, lab, "deploy", *names, "--yes")
    assert done.returncode == 1
    assert "+- upload charm other" in done.stdout.splitlines()
    assert [call for call in juju.calls_of("deploy") if "--dry-run" not in call.arguments] == []


def test_bundle_that_was_edited_is_not_overwritten(tmp_path: Path) -> None:
    juju = ScriptedJuju.create(tmp_path, "3.6")
    lab = juju.home / "lab"
    shutil.copytree(ROOT / "examples/modern", lab)
    bundle = lab / "bundle.yaml"
    text = f"{bundle.read_text()}# my own line\n"
    bundle.write_text(text)
    done = run_botlab(juju, lab, "deploy", "site.yaml", "--yes")
    assert done.returncode == 2
    assert done.stderr == (
        "botlab: bundle.yaml: was edited after botlab wrote it; replace it with `botlab render"
        " site.yaml --force` (botlab keeps a copy), or deploy this file itself with `botlab deploy"
        " bundle.yaml --juju 3.6 --yes`\n"
    )
    assert bundle.read_text() == text
    assert juju.calls == []


def test_site_with_errors_is_not_deployed(tmp_path: Path) -> None:
    juju = ScriptedJuju.create(tmp_path, "3.6")
    lab = juju.home / "lab"
    lab.mkdir()
    text = (ROOT / "examples/modern/site.yaml").read_text()
    (lab / "site.yaml").write_text(text.replace("server: control0", "server: nobody"))
    done = run_botlab(juju, lab, "deploy", "site.yaml", "--yes", "--format", "json")
    assert done.returncode == 1
    report = _json(done.stdout)
    assert not report["ok"]
    assert "error" in [finding["severity"] for finding in report["findings"]]
    assert done.stderr == "site.yaml: nothing was deployed\n"
    assert not (lab / "bundle.yaml").exists()
    assert juju.calls == []


def test_applications_that_need_trust_need_the_option(tmp_path: Path) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    bundle = yaml.safe_load((lab / "bundle.yaml").read_text())
    bundle["applications"]["store"]["trust"] = True
    (lab / "bundle.yaml").write_text(yaml.safe_dump(bundle))
    refused = run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait")
    assert refused.returncode == 1
    assert "    Bundle cannot be deployed without trusting applications" in refused.stderr
    assert juju.calls == []
    done = run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait", "--trust")
    assert done.returncode == 0, done.stderr
    assert run_botlab(juju, lab, "diff", *names, "--live").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.yaml"], "NEW is missing; name the site or bundle to deploy, or add --live"),
        (
            ["a.yaml", "b.yaml", "--live"],
            "b.yaml: --live compares one site with the model; name one file",
        ),
        (
            ["a.yaml", "b.yaml", "--layer", "c.yaml"],
            "--layer and --overlay need --live; render the sites to compare them",
        ),
    ],
)
def test_arguments_of_diff_must_fit(tmp_path: Path, arguments: list[str], message: str) -> None:
    juju = ScriptedJuju.create(tmp_path, "3.6")
    done = run_botlab(juju, juju.home, "diff", *arguments)
    assert (done.returncode, done.stderr) == (2, f"botlab: {message}\n")


def test_removals_that_were_not_run_are_printed_with_the_option_that_runs_them(
    tmp_path: Path,
) -> None:
    juju, lab, names = _lab(tmp_path, "3.6")
    assert run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait").returncode == 0
    bundle = yaml.safe_load((lab / "bundle.yaml").read_text())
    bundle["applications"]["web"].update(num_units=1, to=["0"])
    (lab / "bundle.yaml").write_text(yaml.safe_dump(bundle))

    done = run_botlab(juju, lab, "deploy", *names, "--yes", "--no-wait")

    assert done.returncode == 0, done.stderr
    _, _, remaining = done.stdout.partition(
        "not run, because --yes removes nothing without --remove:\n"
    )
    assert remaining == "  juju remove-unit web/1\n"
