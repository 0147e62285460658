"""A machine that is set up, verified and restored, on a scripted systemd."""

from __future__ import annotations

import json

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from helpers.scripted_engine import ScriptedEngine
from labcharm.errors import BlockedError, WaitingError
from labcharm.verify import Check
from nvidia_runtime.gpu_host import GpuHost
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.packages import KEYRING, RECORD, SOURCE
from nvidia_runtime.options import Options, read_options
from nvidia_runtime.verify import VerifyParams

RUNTIME = "/usr/bin/nvidia-container-runtime"
MODULE = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  450.51.06  Sun Jul\n"
DAEMON_JSON = "/etc/docker/daemon.json"
STATE = "/var/lib/nvidia-runtime"
GPU = Gpu("0000:0b:00.0", "0x1eb8", "0x030200", "", "plain")


@pytest.fixture
def host(machine: FakeMachine, packages: FakeApt, source: str) -> GpuHost:
    """Return a machine with a GPU, its driver and the runtime, but without an engine."""
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x1eb8")):
        machine.write(f"/fake-sys/bus/pci/devices/0000:0b:00.0/{name}", f"{text}\n")
    machine.write("/proc/driver/nvidia/version", MODULE)
    machine.write(RUNTIME, "")
    return GpuHost(machine, source, "/fake-sys", {}, lambda: "")


@pytest.fixture
def docker(machine: FakeMachine) -> ScriptedEngine:
    """Return docker on the machine."""
    return ScriptedEngine(machine, "docker", DAEMON_JSON)


def options(**config: object) -> Options:
    """Return the options with these values; the driver is that of the machine."""
    values = {"driver": "host", **{key.replace("_", "-"): config[key] for key in config}}
    return read_options(values)  # type: ignore[arg-type]


def test_machine_is_set_up(machine: FakeMachine, host: GpuHost, docker: ScriptedEngine) -> None:
    """The runtime's path, arguments and default are those of the options."""
    assert host.gpus() == [GPU]
    message = host.set_up(host.gpus(), options(runtime_args="--debug"), True)

    assert message == "1 GPU, driver 450.51.06, nvidia is the default runtime of docker"
    assert json.loads(machine.read(DAEMON_JSON) or "") == {
        "default-runtime": "nvidia",
        "runtimes": {"nvidia": {"path": RUNTIME, "runtimeArgs": ["--debug"]}},
    }


def test_runtime_that_is_not_the_default(host: GpuHost, docker: ScriptedEngine) -> None:
    message = host.set_up(host.gpus(), options(default_runtime=False), True)

    assert message == "1 GPU, driver 450.51.06, nvidia is a runtime of docker"
    assert "default-runtime" not in json.loads(docker.configuration)


def test_machine_without_an_engine_waits(host: GpuHost) -> None:
    with pytest.raises(WaitingError) as raised:
        host.set_up(host.gpus(), options(), True)
    assert str(raised.value) == "neither docker nor containerd is installed yet"


def test_missing_runtime_leaves_the_engine_alone(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    """Every part that blocks is in the message."""
    machine.remove(RUNTIME)
    machine.remove("/proc/driver/nvidia/version")
    with pytest.raises(BlockedError) as raised:
        host.set_up(host.gpus(), options(toolkit="host"), True)

    assert str(raised.value) == (
        "driver is host, but no NVIDIA driver is installed; install one, or set driver=auto;"
        " nvidia-container-runtime is not on this machine;"
        " set runtime-path, or let toolkit install it"
    )
    assert docker.changes == []


def test_restart_that_is_not_allowed_is_awaited(host: GpuHost, docker: ScriptedEngine) -> None:
    docker.can_reload, docker.containers = False, 1
    with pytest.raises(WaitingError) as raised:
        host.set_up(host.gpus(), options(), False)
    assert str(raised.value) == "docker must be restarted: run the action reconcile"

    assert host.set_up(host.gpus(), options(), True).startswith("1 GPU, ")


def test_fault_of_the_engines_file_blocks(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    machine.write(DAEMON_JSON, "[]")
    with pytest.raises(BlockedError) as raised:
        host.set_up(host.gpus(), options(), True)
    assert str(raised.value) == f"{DAEMON_JSON} is not a JSON object; correct or remove it"


@pytest.mark.parametrize("path", ["", "/opt/runtime"])
def test_machine_is_verified_with_the_runtime_of_the_options(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine, path: str
) -> None:
    machine.write("/opt/runtime", "")
    values = options(runtime_path=path)
    host.set_up(host.gpus(), values, True)

    assert host.verify(values, VerifyParams()) == [
        Check("device", True, "1 GPU(s)"),
        Check("driver", True, "450.51.06"),
        Check("toolkit", True, path or RUNTIME),
        Check("engine", True, "docker is active"),
        Check("runtime", True, "runtime nvidia, the default"),
        Check("drop-in", True, "applied at every start"),
    ]


def test_missing_runtime_is_named_by_verify(machine: FakeMachine, host: GpuHost) -> None:
    machine.remove(RUNTIME)
    checks = host.verify(options(driver="none"), VerifyParams())

    assert checks[1:] == [
        Check("toolkit", False, "nvidia-container-runtime does not exist"),
        Check("engine", False, "neither docker nor containerd is installed"),
    ]


def test_restored_machine_has_no_state(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    """Engine, apt sources and holds are as before; the state directory is removed."""
    host.set_up(host.gpus(), options(), True)
    for path in (SOURCE, KEYRING, RECORD):
        machine.write(path, "{}")
    docker.containers = 1

    message = "the configuration of docker is restored; docker keeps the runtime until it is"
    assert host.restore(False) == f"{message} restarted"
    for path in (DAEMON_JSON, SOURCE, KEYRING, RECORD):
        assert not machine.exists(path)
    host.remove_state()
    assert not machine.exists(STATE)


def test_engine_that_the_charm_never_changed_is_not_restored(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    machine.write(f"{STATE}/other", "x")

    assert host.restore(True) == ""
    assert docker.changes == []
    host.remove_state()
    assert machine.exists(f"{STATE}/other")
