"""docker with the charm's settings, on a scripted systemd."""

from __future__ import annotations

import json

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_engine import ScriptedEngine
from labcharm.machine import CommandResult
from nvidia_runtime.engine.base import Applied
from nvidia_runtime.engine.docker import Docker
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
SETTINGS = RuntimeSettings(RUNTIME, ("--debug",), is_default=True)
FILE = "/etc/docker/daemon.json"
DROP_IN = "/etc/systemd/system/docker.service.d/10-nvidia-runtime.conf"
OVERRIDE = "/etc/systemd/system/docker.service.d/override.conf"
STATE = "/var/lib/nvidia-runtime"
PENDING = f"{STATE}/restart-pending"
ADOPTED = f"{STATE}/adopted-override.conf"
GUIDE = """\
[Service]
ExecStart=
ExecStart=/usr/bin/dockerd --host=fd:// --add-runtime=nvidia=/usr/bin/nvidia-container-runtime
"""
RESTART = ["reset-failed docker.service docker.socket", "restart docker.service"]
WITH_RUNTIME = {
    "default-runtime": "nvidia",
    "runtimes": {"nvidia": {"path": RUNTIME, "runtimeArgs": ["--debug"]}},
}


@pytest.fixture
def daemon(machine: FakeMachine) -> ScriptedEngine:
    """Return a running dockerd, on a machine that has the runtime."""
    machine.write(RUNTIME, "")
    return ScriptedEngine(machine, "docker", FILE)


@pytest.fixture
def docker(machine: FakeMachine, daemon: ScriptedEngine, source: str) -> Docker:
    """Return docker as the charm's engine."""
    return Docker(machine, source)


def document(machine: FakeMachine) -> object:
    """Return the content of daemon.json; None without the file."""
    text = machine.read(FILE)
    return None if text is None else json.loads(text)


def test_settings_take_effect_by_a_reload(
    machine: FakeMachine, daemon: ScriptedEngine, docker: Docker
) -> None:
    """The containers keep running, and a second run changes nothing."""
    assert not docker.is_installed()
    daemon.containers = 3
    assert docker.apply(SETTINGS, allow_restart=False) == Applied([], "")

    assert daemon.changes == ["daemon-reload", "reload docker.service"]
    assert document(machine) == WITH_RUNTIME
    assert machine.read(DROP_IN) == (
        "# By the charm nvidia-runtime: keeps the runtime registered when the configuration is"
        " written anew.\n[Service]\nExecStartPre=-/usr/bin/timeout 2 /usr/bin/python3 -I -S -B"
        " /usr/local/lib/nvidia-runtime docker\n"
    )
    assert machine.read(f"{STATE}/wish.json") == (
        f'{{"args": ["--debug"], "default": true, "path": "{RUNTIME}"}}\n'
    )
    assert not machine.exists(PENDING)
    assert docker.is_installed()

    assert docker.apply(SETTINGS, allow_restart=False) == Applied([], "")
    assert daemon.changes == ["daemon-reload", "reload docker.service"]


def test_failed_reload_leads_to_a_restart(daemon: ScriptedEngine, docker: Docker) -> None:
    daemon.can_reload = False
    assert docker.apply(SETTINGS) == Applied([], "")

    assert daemon.changes == ["daemon-reload", "reload docker.service", *RESTART]


@pytest.mark.parametrize(
    ("containers", "live_restore", "is_restarted"),
    [(1, False, False), (1, True, True), (0, False, True)],
)
def test_restart_that_ends_containers_needs_permission(
    daemon: ScriptedEngine,
    docker: Docker,
    containers: int,
    live_restore: bool,
    is_restarted: bool,
) -> None:
    daemon.can_reload, daemon.containers, daemon.live_restore = False, containers, live_restore
    pending = "" if is_restarted else "docker must be restarted: run the action reconcile"

    assert docker.apply(SETTINGS, allow_restart=False) == Applied([], pending)
    assert daemon.changes[2:] == (RESTART if is_restarted else [])


@pytest.mark.parametrize("before", [None, '{"debug": true}\n'])
def test_docker_that_does_not_start_gets_its_file_back(
    machine: FakeMachine, daemon: ScriptedEngine, docker: Docker, before: str | None
) -> None:
    """The drop-in is removed first, or it would write the same content at the next start."""
    if before is not None:
        machine.write(FILE, before)
    daemon.can_reload, daemon.state_after_start = False, "failed"
    daemon.journal = "Starting Docker...\n  unable to configure: no such runtime  \nStopped.\n"

    assert docker.apply(SETTINGS) == Applied(
        [
            "docker did not start with the runtime: unable to configure: no such runtime;"
            " the previous configuration is restored"
        ]
    )
    assert machine.read(FILE) == before
    assert not machine.exists(DROP_IN)
    assert daemon.changes == [
        "daemon-reload", "reload docker.service", *RESTART, "daemon-reload", *RESTART,
    ]  # fmt: skip


def test_docker_without_the_runtime_after_a_restart_is_a_problem(
    machine: FakeMachine, daemon: ScriptedEngine, docker: Docker
) -> None:
    """The file holds the runtime already, so there is nothing to roll back."""
    docker.apply(SETTINGS)
    machine.answers["docker info"] = "{}"

    assert docker.apply(SETTINGS) == Applied(["docker runs, but without the runtime"])
    assert document(machine) == WITH_RUNTIME
    assert machine.exists(DROP_IN)


def test_stopped_docker_is_started_once(
    machine: FakeMachine, daemon: ScriptedEngine, docker: Docker
) -> None:
    """A docker that the administrator stopped afterwards stays stopped."""
    daemon.states = ["inactive"]
    assert docker.apply(SETTINGS, allow_restart=False) == Applied([], "")
    assert daemon.changes == ["daemon-reload", *RESTART]

    daemon.states = ["inactive"]
    assert docker.apply(SETTINGS) == Applied([], "docker is stopped; start it")
    assert daemon.changes == ["daemon-reload", *RESTART]


@pytest.mark.parametrize(
    ("state", "journal", "errors"),
    [
        ("active", "fatal: x\n", []),
        ("failed", "fatal: x\n", ["fatal: x"]),
        ("failed", "", []),
    ],
)
def test_refused_file_is_a_problem_with_the_error_of_the_daemon(
    machine: FakeMachine,
    daemon: ScriptedEngine,
    docker: Docker,
    state: str,
    journal: str,
    errors: list[str],
) -> None:
    machine.write(FILE, "[]")
    daemon.states, daemon.journal = [state], journal

    problem = f"{FILE} is not a JSON object; correct or remove it"
    assert docker.apply(SETTINGS) == Applied([problem, *errors])
    assert daemon.changes == ["daemon-reload"]
    assert machine.read(FILE) == "[]"


def test_default_of_the_command_line_is_a_problem_beside_the_registration(
    daemon: ScriptedEngine, docker: Docker
) -> None:
    daemon.arguments = "--default-runtime=runc"

    problem = (
        "docker's command line sets --default-runtime=runc; change docker-opts or"
        " docker_runtime, or default-runtime"
    )
    assert docker.apply(SETTINGS) == Applied([problem])
    assert daemon.changes == ["daemon-reload", "reload docker.service"]


def test_override_of_the_guide_is_put_aside_and_restored(
    machine: FakeMachine, daemon: ScriptedEngine, docker: Docker
) -> None:
    """The daemon runs with it until it is restarted; that is not forgotten in between."""
    machine.write(OVERRIDE, GUIDE)
    daemon.containers = 1
    pending = Applied([], "docker must be restarted: run the action reconcile")
    assert docker.apply(SETTINGS, allow_restart=False) == pending
    assert not machine.exists(OVERRIDE)
    assert machine.read(ADOPTED) == GUIDE
    assert machine.read(PENDING) == "docker\n"
    assert docker.apply(SETTINGS, allow_restart=False) == pending

    assert docker.apply(SETTINGS) == Applied([])
    assert not machine.exists(PENDING)
    assert daemon.changes == ["daemon-reload", *RESTART]

    assert docker.restore() == "the configuration of docker is restored"
    assert machine.read(OVERRIDE) == GUIDE
    assert not machine.exists(ADOPTED)


def test_other_override_stays(machine: FakeMachine, docker: Docker) -> None:
    machine.write(OVERRIDE, GUIDE + "# by the lab\n")
    docker.apply(SETTINGS)

    assert machine.read(OVERRIDE) == GUIDE + "# by the lab\n"
    assert not machine.exists(ADOPTED)


def test_newer_override_is_not_replaced(machine: FakeMachine, docker: Docker) -> None:
    """An administrator may write an override after the charm put the guide's aside."""
    machine.write(ADOPTED, GUIDE)
    machine.write(OVERRIDE, "[Service]\n")

    assert docker.restore() == "the configuration of docker needed no change"
    assert machine.read(OVERRIDE) == "[Service]\n"
    assert not machine.exists(ADOPTED)


@pytest.mark.parametrize(
    ("state", "allow_restart", "containers", "rest", "is_restarted"),
    [
        ("active", True, 1, "", True),
        ("active", False, 0, "", True),
        ("active", False, 1, "; docker keeps the runtime until it is restarted", False),
        ("inactive", True, 0, "; docker is stopped", False),
        ("failed", False, 1, "", True),
    ],
)
def test_restored_machine_has_nothing_of_the_charm(
    machine: FakeMachine,
    daemon: ScriptedEngine,
    docker: Docker,
    state: str,
    allow_restart: bool,
    containers: int,
    rest: str,
    is_restarted: bool,
) -> None:
    docker.apply(SETTINGS)
    machine.write(PENDING, "docker\n")
    daemon.states, daemon.containers = [state], containers
    machine.commands.clear()

    assert docker.restore(allow_restart) == f"the configuration of docker is restored{rest}"
    assert daemon.changes == ["daemon-reload", *(RESTART if is_restarted else [])]
    for path in (FILE, DROP_IN, PENDING, f"{STATE}/wish.json", "/usr/local/lib/nvidia-runtime"):
        assert not machine.exists(path), path
    assert not machine.exists("/etc/systemd/system/docker.service.d")


def test_info_of_a_docker_that_does_not_answer_is_empty(
    machine: FakeMachine, daemon: ScriptedEngine, docker: Docker
) -> None:
    machine.answers["docker info"] = CommandResult(1, "", "Cannot connect")

    assert docker.info() == {}
    assert not docker.has_settings(SETTINGS)
    assert docker.keeps_containers()
    assert machine.commands[-1] == ["docker", "info", "--format", "{{json .}}"]
