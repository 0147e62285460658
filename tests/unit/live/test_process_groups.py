"""A process and all that it starts are ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from botlab.live.process_groups import ProcessGroup
from helpers.processes import is_gone, until


def group_of(code: str, environment: Mapping[str, str] | None = None) -> ProcessGroup:
    """Return a group whose leader runs Python code."""

    def start(variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-S", "-c", code]
        return subprocess.Popen(command, env=dict(variables), start_new_session=True)

    return ProcessGroup(start, environment)


@pytest.mark.parametrize("is_clean", [True, False])
def test_process_that_has_ended_has_a_status_and_stays_ended(is_clean: bool) -> None:
    group = group_of("raise SystemExit(3)")
    until(lambda: group.has_ended)

    assert group.finish(is_clean=is_clean) == 3
    assert group.has_ended
    assert group.finish(is_clean=is_clean) == 3
    group.end()
    assert group.process.returncode == 3


def test_process_that_runs_has_not_ended_until_it_is_ended() -> None:
    """By SIGTERM, if it does not ignore that."""
    group = group_of("import time; time.sleep(300)")
    assert not group.has_ended

    group.end()

    assert group.has_ended
    assert group.process.returncode == -signal.SIGTERM


def test_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    group = group_of(
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(300)"
    )
    until(ready.exists)

    group.end()

    assert group.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("has_left_the_group", [True, False])
def test_child_that_outlives_its_parent_is_ended(tmp_path: Path, has_left_the_group: bool) -> None:
    """Also one with a session of its own, which its environment shows."""
    number = tmp_path / "number"
    group = group_of(
        "import pathlib, subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '300'],"
        f" start_new_session={has_left_the_group})\n"
        f"pathlib.Path({str(number)!r}).write_text(str(child.pid))"
    )
    until(lambda: group.has_ended)
    pid = int(number.read_text())
    assert not is_gone(pid)

    group.finish(is_clean=False)

    until(lambda: is_gone(pid))


def test_environment_is_that_of_the_caller_and_a_mark() -> None:
    """Without one, it is botlab's own."""
    variables: list[dict[str, str]] = []

    def start(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        variables.append(dict(environment))
        return subprocess.Popen(["true"], env=dict(environment), start_new_session=True)

    groups = [ProcessGroup(start, {"PATH": os.environ["PATH"]}), ProcessGroup(start, None)]
    for group in groups:
        until(lambda ended=group: ended.has_ended)
        group.finish(is_clean=True)

    marks = [entry.pop("BOTLAB_CALL") for entry in variables]
    assert variables == [{"PATH": os.environ["PATH"]}, dict(os.environ)]
    assert len({*marks}) == 2


def test_child_of_another_group_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    """It could otherwise change the model after botlab has ended."""
    number = tmp_path / "number"
    ignoring = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + (
        f" import os, pathlib; pathlib.Path({str(number)!r}).write_text(str(os.getpid()));"
        " time.sleep(300)"
    )
    group = group_of(
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-S', '-c', {ignoring!r}], start_new_session=True)\n"
        "time.sleep(300)"
    )
    until(lambda: number.exists() and bool(number.read_text()))
    pid = int(number.read_text())

    group.end()

    until(lambda: is_gone(pid))
