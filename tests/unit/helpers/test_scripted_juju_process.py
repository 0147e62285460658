"""The scripted juju client is a fast process, and calls at the same time lose nothing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from helpers.interpreters import find_python, missing
from helpers.scripted_juju import ScriptedJuju
from helpers.scripted_sites import deployed, write_site

LONGEST_START = (
    0.06  # Seconds of the processor's time; the elapsed time depends on other processes.
)


def test_calls_are_recorded(tmp_path: Path) -> None:
    """Arguments, exit status, directory and the variables that the client reads."""
    juju = ScriptedJuju.create(tmp_path, "2.6")
    juju.environment["JUJU_MODEL"] = "botlab"
    juju.run("show-status", "--format", "json")
    juju.run("nosuch")

    first, second = juju.calls

    assert (first.arguments, first.command) == (("show-status", "--format", "json"), "status")
    assert (first.code, first.violation, first.directory) == (0, "", str(juju.home))
    assert first.environment["JUJU_MODEL"] == "botlab"
    assert (second.arguments, second.command, second.code) == (("nosuch",), "nosuch", 1)
    assert juju.calls_of("status") == [first]


def test_calls_at_the_same_time_all_take_effect(tmp_path: Path) -> None:
    """Twelve processes add a unit each."""
    juju = deployed(tmp_path, "3.6")
    command = [str(juju.binary), "add-unit", "client"]
    processes = [subprocess.Popen(command, env=juju.environment) for _ in range(12)]

    assert [process.wait(60) for process in processes] == [0] * 12
    units = juju.snapshot()["models"]["botlab"]["units"]
    assert sorted(name for name in units if name.startswith("client/")) == sorted(
        f"client/{number}" for number in range(13)
    )
    assert len({call.pid for call in juju.calls_of("add-unit")}) == 12


def test_start_is_fast(tmp_path: Path) -> None:
    """A wait calls `status` again and again. The fastest of some calls is measured."""
    juju = deployed(tmp_path, "3.6")
    juju.run("status", "--format", "json")

    times: list[float] = []
    for _ in range(10):
        before = os.times()
        juju.run("status", "--format", "json")
        after = os.times()
        times.append(
            after.children_user
            + after.children_system
            - before.children_user
            - before.children_system
        )

    assert min(times) < LONGEST_START


def test_failure_of_the_program_itself_is_a_violation(tmp_path: Path) -> None:
    """A mistake in the set-up must not look like an answer of Juju."""
    juju = deployed(tmp_path, "3.6")
    with juju.model() as model:
        del model["applications"]["server"]["charm"]

    done = juju.run("status", "--format", "json")

    assert done.returncode == 1
    assert juju.violations == [
        "juju status --format json: scripted juju failed: KeyError('charm')"
    ]


def test_program_runs_on_python_3_10(tmp_path: Path) -> None:
    """Without site packages; the bundle is read with the PyYAML of this interpreter."""
    python = find_python("3.10")
    if not python:
        pytest.skip(missing("3.10"))
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)
    script = juju.binary.read_text().split()
    script[script.index("exec") + 1] = python
    juju.binary.write_text(f"#!/bin/sh\n{' '.join(script[1:])}\n")

    done = juju.run("deploy", str(write_site(juju)))

    assert done.returncode == 0, done.stderr
    assert list(json.loads(juju.run("status", "--format", "json").stdout)["applications"]) == [
        "agent",
        "client",
        "server",
    ]
