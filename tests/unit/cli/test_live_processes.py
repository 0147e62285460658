"""The commands `wait` and `status` as processes, with a scripted client of each Juju release."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.processes import until
from helpers.scripted_juju import (
    Fault,
    ScriptedJuju,
    fault_begins,
    machine_down,
    machine_status,
    unit_error,
    unit_lost,
    unit_status,
)

ROOT = Path(__file__).resolve().parents[3]
RELEASES = ("2.6", "2.9", "3.6", "4.0")
_PROFILES = {"2.6": "k8s-1.13", "2.9": "k8s-1.13", "3.6": "charmed-k8s", "4.0": "charmed-k8s"}
_SITE = """
site: botlab
juju: "{juju}"
kubernetes: {{profile: {profile}}}
machines:
  node0: {{tags: [node0], roles: [easyrsa, etcd, load-balancer, control-plane]}}
  node1: {{tags: [node1], roles: [worker]}}
"""


class LiveLab:
    """A small lab on a scripted client, in the stage in which ``juju deploy`` ends.

    Args:
        home: An empty directory.
        release: The Juju release.
        is_ready: Whether everything is ready at once.
    """

    def __init__(self, home: Path, release: str, *, is_ready: bool = True) -> None:
        self.juju = ScriptedJuju.create(home, release)
        self.juju.set_progress(0 if is_ready else None)
        self.site = self.juju.home / "site.yaml"
        profile = _PROFILES[release]
        self.site.write_text(_SITE.format(juju=release, profile=profile), encoding="utf-8")
        bundle = self.juju.home / "bundle.yaml"
        self._run("render", str(self.site), "--output", str(bundle)).check_returncode()
        self.juju.deploy(bundle)

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command of botlab for the lab."""
        completed = self._run(command, str(self.site), *options)
        assert self.juju.violations == []
        assert self.juju.living_processes() == []
        return completed

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start botlab."""
        return subprocess.Popen(
            [sys.executable, "-m", "botlab", *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "botlab", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.juju.environment, "PYTHONPATH": str(ROOT / "generator")}


@pytest.mark.parametrize("release", RELEASES)
def test_wait_ends_when_the_lab_is_ready(tmp_path: Path, release: str) -> None:
    ended = LiveLab(tmp_path, release).run("wait")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "botlab is ready: 2 machines, " in ended.stdout.splitlines()[-1]


@pytest.mark.parametrize("release", RELEASES)
def test_wait_reports_a_failed_hook_with_the_command_that_continues(
    tmp_path: Path, release: str
) -> None:
    lab = LiveLab(tmp_path, release)
    lab.juju.change(unit_error("etcd/0", hook="install"))
    ended = lab.run("wait", "--timeout", "3s", "--format", "json")
    report = json.loads(ended.stdout)

    assert (ended.returncode, report["result"]) == (3, "timed-out")
    (missing,) = report["missing"]
    assert (missing["name"], missing["activity"]) == ("etcd/0", "failed")
    assert missing["message"] == 'hook failed: "install"'
    assert missing["fix"].endswith("then run: juju resolved etcd/0 -m maas:botlab")
    assert 'etcd: 0 of 1 ready; etcd/0 error: hook failed: "install"' in ended.stderr


@pytest.mark.parametrize("release", RELEASES)
def test_status_shows_blocked_units_and_lost_machines(tmp_path: Path, release: str) -> None:
    lab = LiveLab(tmp_path, release)
    lab.juju.change(
        unit_status("easyrsa/0", "blocked", "no disk; attach one"),
        machine_down("1"),
        unit_lost("kubernetes-worker/0"),
    )
    ended = lab.run("status", "--format", "json")
    report = json.loads(ended.stdout)

    assert ended.returncode == 1, ended.stderr
    missing = {part["name"]: (part["activity"], part["state"]) for part in report["missing"]}
    assert missing["easyrsa/0"] == ("blocked", "blocked")
    assert missing["1"] == ("failed", "down")
    assert report["machines"][1]["state"].startswith("down")
    assert report["cluster"] is None
    assert report["cluster_problem"]


def test_lab_that_is_still_deployed_names_the_machines(tmp_path: Path) -> None:
    lab = LiveLab(tmp_path, "3.6", is_ready=False)
    lab.juju.change(machine_status("1", agent="pending", instance_message="Deploying: 40%"))
    ended = lab.run("wait", "--timeout", "2s")

    assert ended.returncode == 3
    lines = ended.stdout.splitlines()
    assert lines[0].split(maxsplit=1)[1] == "phase: MAAS installs the machines"
    assert "machines: 0 of 2 started; " in lines[1]
    assert "1 Deploying: 40%" in lines[1]
    assert lines[-1] == "To continue the wait, run the same command again."


def test_controller_that_is_away_for_a_while_is_waited_for(tmp_path: Path) -> None:
    lab = LiveLab(tmp_path, "4.0")
    lab.juju.change(unit_status("etcd/0", "maintenance", "installing"))
    lab.juju.after_status_calls(
        1,
        unit_status("etcd/0", "active", "Ready"),
        fault_begins(Fault.connection_refused("status").for_calls(1)),
    )
    ended = lab.run("wait", "--timeout", "60s")

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
    lab = LiveLab(tmp_path, "3.6")
    lab.juju.fail(fault)
    ended = lab.run(command)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert text in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("botlab: ")


def test_unknown_fields_of_a_later_release_do_no_harm(tmp_path: Path) -> None:
    lab = LiveLab(tmp_path, "4.0")
    lab.juju.fail(Fault.unknown_fields())

    assert lab.run("wait").returncode == 0


@pytest.mark.parametrize("command", ["wait", "status"])
def test_hanging_client_ends_with_the_time(tmp_path: Path, command: str) -> None:
    lab = LiveLab(tmp_path, "3.6")
    lab.juju.fail(Fault.hang("status", has_child=True))
    ended = lab.run(command, "--timeout", "3s")

    assert ended.returncode == 3, ended.stderr


def test_interrupted_wait_leaves_no_process(tmp_path: Path) -> None:
    lab = LiveLab(tmp_path, "3.6")
    lab.juju.fail(Fault.hang("status", has_child=True))
    process = lab.start("wait", str(lab.site))
    until(lambda: bool(lab.juju.calls_of("status")))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == 130
    assert lab.juju.living_processes() == []
