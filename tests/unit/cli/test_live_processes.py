"""The commands `wait`, `status` and `picture` as processes, with a client of each Juju release."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from botlab.picture.svg import NAMESPACE
from helpers.clusters import answers_of, healthy_cluster
from helpers.fake_apis.scripted_api import ScriptedApi
from helpers.lab_processes import VERSIONS, LabProcess, ready_lab
from helpers.live_models import ready_status
from helpers.processes import until
from helpers.scripted_juju import (
    Fault,
    fault_begins,
    machine_down,
    machine_status,
    unit_error,
    unit_lost,
    unit_status,
)

TITLE = f"{{{NAMESPACE}}}title"


def run(lab: LabProcess, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a command of botlab that breaks no rule of juju, and leaves no process behind."""
    ended = lab.run(command, *options)
    assert lab.juju.violations == []
    assert lab.juju.living_processes() == []
    return ended


@pytest.mark.parametrize("release", VERSIONS)
def test_wait_ends_when_the_lab_is_ready(tmp_path: Path, release: str) -> None:
    ended = run(ready_lab(tmp_path, release), "wait")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.fullmatch(
        r"\w+ is ready: \d machines, \d+ applications, \d+ units \(waited \d+s\)",
        ended.stdout.splitlines()[-1],
    )


@pytest.mark.parametrize("release", VERSIONS)
def test_wait_reports_a_failed_hook_with_the_command_that_continues(
    tmp_path: Path, release: str
) -> None:
    lab = ready_lab(tmp_path, release)
    lab.juju.change(unit_error("etcd/0", hook="install"))
    ended = run(lab, "wait", "--timeout", "3s", "--format", "json")
    report = json.loads(ended.stdout)

    assert (ended.returncode, report["result"]) == (3, "timed-out")
    (missing,) = report["missing"]
    assert (missing["name"], missing["activity"]) == ("etcd/0", "failed")
    assert missing["message"] == 'hook failed: "install"'
    assert re.search(r"then run: juju resolved etcd/0 -m \w+:\w+$", missing["fix"])
    assert 'etcd: 2 of 3 ready; etcd/0 error: hook failed: "install"' in ended.stderr


@pytest.mark.parametrize("release", VERSIONS)
def test_status_shows_blocked_units_and_lost_machines(tmp_path: Path, release: str) -> None:
    lab = ready_lab(tmp_path, release)
    lab.juju.change(
        unit_status("easyrsa/0", "blocked", "no disk; attach one"),
        machine_down("1"),
        unit_lost("kubernetes-worker/0"),
    )
    ended = run(lab, "status", "--format", "json")
    report = json.loads(ended.stdout)

    assert ended.returncode == 1, ended.stderr
    missing = {part["name"]: (part["activity"], part["state"]) for part in report["missing"]}
    assert missing["easyrsa/0"] == ("blocked", "blocked")
    assert missing["1"] == ("failed", "down")
    states = {machine["name"]: machine["state"] for machine in report["machines"]}
    assert states["1"].startswith("down")
    assert report["cluster"] is None
    assert report["cluster_problem"]


@pytest.mark.parametrize("release", VERSIONS)
def test_picture_shows_blocked_units_and_lost_machines(tmp_path: Path, release: str) -> None:
    lab = ready_lab(tmp_path, release)
    lab.juju.change(
        unit_status("easyrsa/0", "blocked", "no disk; attach one"),
        machine_down("1"),
    )
    ended = run(lab, "picture", "--live", "-o", "-")

    assert ended.returncode == 0, ended.stderr
    titles = [element.text for element in fromstring(ended.stdout).iter(TITLE)]  # noqa: S314
    assert "easyrsa/0\nblocked: no disk; attach one" in titles
    assert any("\ndown: agent is not communicating" in (title or "") for title in titles)
    assert sum("easyrsa:client" in (title or "") for title in titles) > 2


@pytest.mark.parametrize("release", ["2.9", "4.0"])
def test_status_of_a_healthy_lab_has_what_the_cluster_says(tmp_path: Path, release: str) -> None:
    kubernetes = {"2.9": "v1.13.12", "4.0": "v1.35.2"}[release]
    lab = ready_lab(tmp_path, release)
    cluster = healthy_cluster(lab.lab, ready_status(lab.lab))
    cluster.release = kubernetes
    cluster.node_list = [
        dataclasses.replace(node, kubelet_version=kubernetes) for node in cluster.node_list
    ]
    with ScriptedApi(tmp_path / "api") as api:
        api.answers = answers_of(cluster)
        lab.give_access(api.url, api.ca)
        ended = run(lab, "status")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = ended.stdout.splitlines()
    assert f"cluster: {api.url} answers, version {kubernetes} " in ended.stdout
    assert "storage classes: nfs (default)" in lines
    assert re.search(r"^GPUs: 0 of \d+ used$", ended.stdout, re.MULTILINE)


def test_lab_that_is_still_deployed_names_the_machines(tmp_path: Path) -> None:
    lab = ready_lab(tmp_path, "3.6")
    lab.juju.change(
        machine_status(
            "1", agent="pending", instance="allocating", instance_message="Deploying: 40%"
        )
    )
    ended = run(lab, "wait", "--timeout", "2s")

    assert ended.returncode == 3
    lines = ended.stdout.splitlines()
    assert lines[0].split(maxsplit=1)[1] == "phase: the machines are installed"
    assert "machines: 4 of 5 started; " in lines[1]
    assert "1 Deploying: 40%" in lines[1]
    assert lines[-1] == "To continue the wait, run the same command again."


def test_controller_that_is_away_for_a_while_is_waited_for(tmp_path: Path) -> None:
    lab = ready_lab(tmp_path, "4.0")
    lab.juju.change(unit_status("etcd/0", "maintenance", "installing"))
    lab.juju.after_status_calls(
        1,
        unit_status("etcd/0", "active", "Ready"),
        fault_begins(Fault.connection_refused("status").for_calls(1)),
    )
    ended = run(lab, "wait", "--timeout", "60s")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    subjects = [line.split()[1] for line in ended.stdout.splitlines()[:-1]]
    assert subjects.count("controller:") == 2
    assert "controller: out of reach, trying again: " in ended.stdout
    assert "controller: answers" in ended.stdout


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault.not_logged_in(), "juju login"),
        (Fault.connection_refused(), ""),
        (Fault.half_written("status"), "juju status"),
    ],
)
@pytest.mark.parametrize("command", ["wait", "status"])
def test_controller_that_cannot_be_read_has_exit_status_2(
    tmp_path: Path, command: str, fault: Fault, text: str
) -> None:
    lab = ready_lab(tmp_path, "3.6")
    lab.juju.fail(fault)
    ended = run(lab, command)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert text in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("botlab: ")


def test_unknown_fields_of_a_later_release_do_no_harm(tmp_path: Path) -> None:
    lab = ready_lab(tmp_path, "4.0")
    lab.juju.fail(Fault.unknown_fields())

    assert run(lab, "wait").returncode == 0


@pytest.mark.parametrize("command", ["wait", "status"])
def test_hanging_client_ends_with_the_time(tmp_path: Path, command: str) -> None:
    lab = ready_lab(tmp_path, "3.6")
    lab.juju.fail(Fault.hang("status", has_child=True))
    ended = run(lab, command, "--timeout", "3s")

    assert ended.returncode == 3, ended.stderr


def test_interrupted_wait_leaves_no_process(tmp_path: Path) -> None:
    lab = ready_lab(tmp_path, "3.6")
    lab.juju.fail(Fault.hang("status", has_child=True))

    def hanging() -> Iterator[None]:
        until(lambda: bool(lab.juju.calls_of("status")))
        yield

    status, _ = lab.interrupt("wait", after=hanging())

    assert status == 130
    assert lab.juju.living_processes() == []


def test_wait_whose_reader_has_ended_is_no_lab_that_is_ready(tmp_path: Path) -> None:
    """Its status is the one of a process that SIGPIPE ended: `botlab wait SITE | head -1`."""
    lab = ready_lab(tmp_path, "3.6")
    lab.juju.change(unit_status("etcd/0", "blocked", "no peers"))
    reading, writing = os.pipe()
    os.close(reading)

    ended = subprocess.run(
        lab.arguments("wait"),
        stdout=writing,
        cwd=lab.site.parent,
        env=lab.variables(),
        timeout=60,
        check=False,
    )
    os.close(writing)

    assert ended.returncode == 141
    assert lab.juju.living_processes() == []
