"""containerd with the charm's settings, on a scripted systemd."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_engine import ScriptedEngine
from nvidia_runtime.engine.base import Applied
from nvidia_runtime.engine.containerd import Containerd
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
SETTINGS = RuntimeSettings(RUNTIME, (), is_default=True)
FILE = "/etc/containerd/config.toml"
DROP_IN = "/etc/systemd/system/containerd.service.d/10-nvidia-runtime.conf"
PENDING = "/var/lib/nvidia-runtime/restart-pending"
RESTART = ["reset-failed containerd.service", "restart containerd.service"]
WITH_RUNTIME = """\
version = 2
[plugins."io.containerd.grpc.v1.cri".containerd]  # by nvidia-runtime
  default_runtime_name = "nvidia"  # by nvidia-runtime
# nvidia-runtime: begin (written before each start of containerd; do not edit)
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
    BinaryName = "/usr/bin/nvidia-container-runtime"
# nvidia-runtime: end
"""


@pytest.fixture
def daemon(machine: FakeMachine) -> ScriptedEngine:
    """Return a running containerd without a file, on a machine that has the runtime."""
    machine.write(RUNTIME, "")
    return ScriptedEngine(machine, "containerd", FILE)


@pytest.fixture
def containerd(machine: FakeMachine, daemon: ScriptedEngine, source: str) -> Containerd:
    """Return containerd as the charm's engine."""
    return Containerd(machine, source)


def test_settings_take_effect_by_a_restart(
    machine: FakeMachine, daemon: ScriptedEngine, containerd: Containerd
) -> None:
    """It needs no permission, because containers outlive it; a second run changes nothing."""
    assert containerd.apply(SETTINGS, allow_restart=False) == Applied([])

    assert machine.read(FILE) == WITH_RUNTIME
    assert (machine.read(DROP_IN) or "").endswith(" /usr/local/lib/nvidia-runtime containerd\n")
    assert daemon.changes == ["daemon-reload", *RESTART]
    assert not machine.exists(PENDING)
    assert containerd.apply(SETTINGS, allow_restart=False) == Applied([])
    assert daemon.changes == ["daemon-reload", *RESTART]
    assert not machine.exists(PENDING)


def test_restart_is_not_forgotten(
    machine: FakeMachine, daemon: ScriptedEngine, containerd: Containerd
) -> None:
    """The mark is written before the file, so that a hook which dies in between is completed."""
    daemon.state_after_start = "failed"
    daemon.journal = "x\n"
    result = containerd.apply(SETTINGS)

    assert result.problems == [
        "containerd did not start with the runtime: x; the previous configuration is restored"
    ]
    assert machine.read(PENDING) == "containerd\n"
    assert not machine.exists(FILE)


@pytest.mark.parametrize(
    ("text", "settings", "problem"),
    [
        ("version = 9\n", SETTINGS, f"{FILE} has version 9; this charm edits versions 1 to 3"),
        (
            "version = 2\n",
            SETTINGS._replace(args=("--debug",)),
            "runtime-args works with docker only; clear it",
        ),
    ],
)
def test_refused_settings_leave_the_file(
    machine: FakeMachine,
    daemon: ScriptedEngine,
    containerd: Containerd,
    text: str,
    settings: RuntimeSettings,
    problem: str,
) -> None:
    machine.write(FILE, text)

    assert containerd.apply(settings) == Applied([problem])
    assert machine.read(FILE) == text
    assert not machine.exists(PENDING)
    assert daemon.changes == ["daemon-reload"]


@pytest.mark.parametrize(
    ("dump", "is_default", "has_settings"),
    [
        (f"default_runtime_name = 'nvidia'\nBinaryName = '{RUNTIME}'", True, True),
        (f'default_runtime_name = "nvidia"\nBinaryName = "{RUNTIME}"', True, True),
        (f'default_runtime_name = "nvidia"\nBinaryName = "{RUNTIME}"', False, False),
        (f'default_runtime_name = "runc"\nBinaryName = "{RUNTIME}"', False, True),
        (f'default_runtime_name = "runc"\nBinaryName = "{RUNTIME}"', True, False),
        (f'BinaryName = "{RUNTIME}"', False, True),
        ('default_runtime_name = "nvidia"\nBinaryName = "/other"', True, False),
    ],
)
def test_effective_configuration_decides(
    machine: FakeMachine,
    daemon: ScriptedEngine,
    containerd: Containerd,
    dump: str,
    is_default: bool,
    has_settings: bool,
) -> None:
    """Its second major release writes single quotes."""
    daemon.configuration = dump

    assert containerd.has_settings(SETTINGS._replace(is_default=is_default)) is has_settings
    assert machine.commands == [["containerd", "config", "dump"]]


def test_restart_after_the_restoration_needs_no_permission(
    machine: FakeMachine, daemon: ScriptedEngine, containerd: Containerd
) -> None:
    containerd.apply(SETTINGS)
    machine.commands.clear()

    message = containerd.restore(allow_restart=False)
    assert message == "the configuration of containerd is restored"
    assert daemon.changes == ["daemon-reload", *RESTART]
    assert not machine.exists(FILE)
