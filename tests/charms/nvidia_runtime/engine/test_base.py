"""What docker and containerd have in common, on a scripted systemd."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_engine import ScriptedEngine
from nvidia_runtime.engine.base import Engine
from nvidia_runtime.engine.docker import Docker


@pytest.fixture
def daemon(machine: FakeMachine) -> ScriptedEngine:
    """Return a running dockerd."""
    return ScriptedEngine(machine, "docker", "/etc/docker/daemon.json")


@pytest.fixture
def engine(machine: FakeMachine, daemon: ScriptedEngine) -> Engine:
    """Return the engine."""
    return Docker(machine, "/nowhere")


@pytest.mark.parametrize(
    ("journal", "error"),
    [
        ("", ""),
        ("Starting Docker...\nStopped Docker.\n", ""),
        ("one\ntwo\n", "two"),
        ("Unable to bind\nlistening\nFailed with result 'exit-code'.\n", "Unable to bind"),
        ("ERROR a\nerror b  \nlater\n\n", "error b"),
        ("docker.service: invalid\nfatal: x\n", "fatal: x"),
        ("fatal: " + "x" * 600, "fatal: " + "x" * 493),
        (
            "unable to configure the Docker daemon with file /etc/docker/daemon.json: the"
            " following directives are specified both as a flag and in the configuration file:"
            " hosts: (from flag: [fd://], from file: [x])\n",
            "in flags and in the file: hosts: (from flag: [fd://], from file: [x])",
        ),
        (
            "unable to configure the Docker daemon with file /etc/docker/daemon.json: the"
            " following directives don't match any configuration option: bogus\n",
            "unknown: bogus",
        ),
    ],
)
def test_last_error_is_that_of_the_daemon(
    machine: FakeMachine, daemon: ScriptedEngine, engine: Engine, journal: str, error: str
) -> None:
    """The lines of systemd are left out, and errors are preferred to other lines."""
    daemon.journal = journal

    assert engine.last_error() == error
    assert machine.commands == [
        ["journalctl", "--unit", "docker.service", "--lines", "60", "--output", "cat",
         "--no-pager", "--boot"]
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["activating", "deactivating", "reloading"])
def test_start_is_awaited(daemon: ScriptedEngine, engine: Engine, state: str) -> None:
    """The command can end before the daemon is ready."""
    daemon.state_after_start = "active"
    daemon.states = ["active"]
    daemon_states = [state, state, "active"]
    engine.machine.answers["systemctl restart"] = lambda _: _set_states(daemon, daemon_states)

    assert engine.restart()
    assert daemon.states == ["active"]


def _set_states(daemon: ScriptedEngine, states: list[str]) -> str:
    daemon.states = states
    return ""


def test_daemon_between_two_restarts_is_not_awaited(
    machine: FakeMachine, daemon: ScriptedEngine, engine: Engine
) -> None:
    """It may be restarted for ever."""
    daemon.state_after_start, daemon.substate = "activating", "auto-restart"

    assert not engine.restart()
    assert machine.ran("systemctl show --property SubState") == [
        "systemctl show --property SubState docker.service"
    ]
