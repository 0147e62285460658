"""A machine that is set up, verified and restored, on a scripted systemd."""

from __future__ import annotations

import json

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from helpers.scripted_driver import LIST, ScriptedDriver
from helpers.scripted_engine import ScriptedEngine, units
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import CommandResult
from labcharm.proxies import DIRECT
from labcharm.verify import Check
from nvidia_runtime.engine.program import PROGRAM_DIRECTORY
from nvidia_runtime.gpu_host import GpuHost
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.packages import KEYRING, RECORD, SOURCE
from nvidia_runtime.options import Options, read_options
from nvidia_runtime.verify import VerifyParams
from reconciler.settings import SETTINGS_FILE

RUNTIME = "/usr/bin/nvidia-container-runtime"
DAEMON_JSON = "/etc/docker/daemon.json"
STATE = "/var/lib/nvidia-runtime"
GPU = Gpu("0000:0b:00.0", "0x1eb8", "0x030200", "", "plain")


@pytest.fixture
def host(machine: FakeMachine, packages: FakeApt, source: str) -> GpuHost:
    """Return a machine with a GPU, its driver and the runtime, but without an engine."""
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x1eb8")):
        machine.write(f"/fake-sys/bus/pci/devices/0000:0b:00.0/{name}", f"{text}\n")
    ScriptedDriver(machine)
    machine.write(RUNTIME, "")
    return GpuHost(machine, source, "/fake-sys", DIRECT, lambda: "")


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


def test_gpu_that_does_not_answer_keeps_the_unit_from_being_active(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    """Module and library are fine; the runtime is set up all the same."""
    machine.answers[LIST] = CommandResult(6, "No devices were found\n", "")
    with pytest.raises(BlockedError) as raised:
        host.set_up(host.gpus(), options(), True)

    reason = "nvidia-smi fails (No devices were found)"
    assert str(raised.value) == f"{reason}: look for NVRM in the kernel log"
    assert json.loads(docker.configuration)["default-runtime"] == "nvidia"


@pytest.mark.usefixtures("docker")
def test_interrupted_installation_that_cannot_be_finished_is_awaited(
    machine: FakeMachine, packages: FakeApt, host: GpuHost
) -> None:
    packages.installed["nvidia-utils-580-server"] = "1"
    names = ["nvidia-utils-580-server", "nvidia-headless-580-server"]
    machine.write(RECORD, json.dumps({"unfinished": names}))
    machine.answers["apt-get install"] = CommandResult(100, "", "E: Could not get lock\n")
    with pytest.raises(WaitingError) as raised:
        host.set_up(host.gpus(), options(), True)

    message = "interrupted installation: apt-get ended with 100: E: Could not get lock"
    assert str(raised.value) == message


def add_switch(machine: FakeMachine) -> None:
    """Add an NVSwitch of an HGX H100 to the machine."""
    for name, text in (("vendor", "0x10de"), ("class", "0x068000"), ("device", "0x22a3")):
        machine.write(f"/fake-sys/bus/pci/devices/0000:86:00.0/{name}", f"{text}\n")


@pytest.mark.parametrize(("driver", "is_installed"), [("auto", True), ("host", False)])
@pytest.mark.usefixtures("docker")
def test_machine_with_switches_needs_the_fabric_manager(
    machine: FakeMachine, packages: FakeApt, host: GpuHost, driver: str, is_installed: bool
) -> None:
    """Without it CUDA fails with error 802 while nvidia-smi lists every GPU."""
    add_switch(machine)
    machine.answers["apt-cache madison"] = (
        "nvidia-fabricmanager-450 | 450.51.06-1 | https://x  y\n"
    )
    with pytest.raises(BlockedError) as raised:
        host.set_up(host.gpus(), options(driver=driver), True)

    message = "NVSwitches need NVIDIA's fabric manager: install nvidia-fabricmanager-450 450.51.06"
    assert str(raised.value) == message
    assert ("nvidia-fabricmanager-450" in packages.installed) is is_installed
    failed = [check.name for check in host.verify(options(), VerifyParams()) if not check.ok]
    assert failed == ["fabric"]


@pytest.mark.usefixtures("docker")
def test_ignored_driver_needs_no_fabric_manager(machine: FakeMachine, host: GpuHost) -> None:
    add_switch(machine)

    assert host.set_up(host.gpus(), options(driver="none"), True).startswith("1 GPU, ")
    assert not machine.ran("nv-fabricmanager")


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
    machine.remove("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.450.51.06")
    machine.remove("/proc/driver/nvidia/version")
    with pytest.raises(BlockedError) as raised:
        host.set_up(host.gpus(), options(toolkit="host"), True)

    assert str(raised.value) == (
        "no NVIDIA driver is installed: install one, or set driver=auto;"
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
        Check("reload", True, "the cgroups of containers are not systemd's"),
    ]


def test_missing_runtime_is_named_by_verify(machine: FakeMachine, host: GpuHost) -> None:
    machine.remove(RUNTIME)
    checks = host.verify(options(driver="none"), VerifyParams())

    assert checks[1:] == [
        Check("toolkit", False, "nvidia-container-runtime does not exist"),
        Check("engine", False, "neither docker nor containerd is installed yet"),
    ]


def test_docker_is_given_back_when_the_kubelet_uses_containerd(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    """The kubelet is often installed after the charm, and may change its engine later."""
    host.set_up(host.gpus(), options(), True)
    containerd = ScriptedEngine(machine, "containerd", "/etc/containerd/config.toml")
    loaded = units("docker.service", "containerd.service", "snap.kubelet.daemon.service")
    machine.answers["systemctl show --property Id,LoadState"] = loaded
    endpoint = "--container-runtime-endpoint=unix:///run/containerd/containerd.sock"
    machine.write("/var/snap/kubelet/current/args", endpoint)

    message = host.set_up(host.gpus(), options(), True)
    assert message == "1 GPU, driver 450.51.06, nvidia is the default runtime of containerd"
    assert not machine.exists(DAEMON_JSON)
    assert 'default_runtime_name = "nvidia"' in containerd.configuration
    assert "restart docker.service" in docker.changes
    changes = docker.changes
    assert host.set_up(host.gpus(), options(), True) == message
    assert docker.changes == changes

    machine.write("/var/snap/kubelet/current/args", "--container-runtime=docker")
    assert host.set_up(host.gpus(), options(), True).endswith(" of docker")
    assert "nvidia" in docker.configuration
    assert not machine.exists("/etc/containerd/config.toml")


def test_interrupted_restoration_is_completed(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    """A hook that is killed has removed the drop-in, but not what is in docker's file."""
    host.set_up(host.gpus(), options(), True)
    machine.remove("/etc/systemd/system/docker.service.d/10-nvidia-runtime.conf")

    assert host.restore(True) == "the configuration of docker is restored"
    assert not machine.exists(DAEMON_JSON)

    for path in (SETTINGS_FILE, f"{PROGRAM_DIRECTORY}/__main__.py"):
        machine.write(path, "killed before this was removed")
    assert host.restore(True) == ""
    host.remove_state()
    assert not machine.exists(STATE)
    assert not machine.exists(PROGRAM_DIRECTORY)


def test_every_engine_is_restored_on_removal(
    machine: FakeMachine, host: GpuHost, docker: ScriptedEngine
) -> None:
    """Also one that the machine would no longer be set up with."""
    host.set_up(host.gpus(), options(), True)
    machine.answers["systemctl show --property Id,LoadState"] = units("k3s.service")
    with pytest.raises(BlockedError, match="the containerd of k3s is not supported"):
        host.set_up(host.gpus(), options(), True)

    assert host.verify(options(driver="none"), VerifyParams())[-1] == Check(
        "engine",
        False,
        "the containerd of k3s is not supported: remove this charm,"
        " see docs/how-to/gpu-runtime.md",
    )
    assert host.restore(True) == "the configuration of docker is restored"
    assert not machine.exists(DAEMON_JSON)


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
