"""Reloads of systemd beside containers with GPUs, on a scripted systemd."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_engine import ScriptedEngine
from nvidia_runtime.engine.base import Applied
from nvidia_runtime.engine.docker import Docker
from nvidia_runtime.engine.reloads import RULE, Reloads
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
SETTINGS = RuntimeSettings(RUNTIME, (), is_default=True)
SHOW = "systemctl show --property Id,ControlGroup"
GROUP = "/kubepods.slice/cri-containerd-a.scope"
PROBLEM = "1 container(s) would lose their GPU when systemd is reloaded: restart them"
FILE = "/etc/docker/daemon.json"


def scope(name: str = "a", policy: str = "strict", *allowed: str) -> str:
    """Return the properties of a container's scope, as systemctl shows them."""
    devices = "".join(f"DeviceAllow={device} rw\n" for device in allowed)
    group = f"/kubepods.slice/cri-containerd-{name}.scope"
    return (
        f"ControlGroup={group}\nDevicePolicy={policy}\n{devices}Id=cri-containerd-{name}.scope\n"
    )


@pytest.fixture
def container(machine: FakeMachine) -> FakeMachine:
    """Return a machine with a container that has a GPU; systemd does not know of the GPU."""
    machine.write(f"/sys/fs/cgroup{GROUP}/cgroup.procs", "4711\n4712\n")
    machine.write("/proc/4712/root/dev/nvidiactl", "")
    machine.answers[SHOW] = scope() + "\n" + scope("b")
    return machine


@pytest.mark.parametrize(
    ("scopes", "problem"),
    [
        (scope(), PROBLEM),
        (scope("a", "strict", "/dev/char/1:3", "char-pts"), PROBLEM),
        (scope("a", "strict", "/dev/char/1:3", "/dev/char/195:255"), ""),
        (scope("a", "auto"), ""),
        (scope("b"), ""),
        (scope("b") + "\n" + scope(), PROBLEM),
        ("", ""),
    ],
)
def test_exposed_containers_are_those_whose_gpu_systemd_does_not_allow(
    container: FakeMachine, scopes: str, problem: str
) -> None:
    """Container b has no GPU; one with the policy auto may use every device."""
    container.answers[SHOW] = scopes
    reloads = Reloads(container)

    assert reloads.problem() == problem
    assert reloads.reload() is (not problem)
    assert container.ran("systemctl daemon-reload") == (
        [] if problem else ["systemctl daemon-reload"]
    )


def test_missing_links_are_named_before_containers(container: FakeMachine) -> None:
    """A reload creates them, but a container that runs already does not profit from it."""
    for name in ("nvidia0", "nvidia1"):
        container.write(f"/dev/{name}", "")
    reloads = Reloads(container, lambda path: f"195:{path[-1]}")
    message = "2 device node(s) are not linked in /dev/char: run the action reconcile"

    assert reloads.problem() == message
    assert not reloads.reload()
    assert reloads.problem() == PROBLEM


def test_links_survive_a_boot_by_a_rule_of_udev(machine: FakeMachine) -> None:
    """The rule needs nvidia-ctk, which toolkits before 1.12 do not have."""
    reloads = Reloads(machine)
    reloads.prepare()
    assert not machine.exists(RULE)

    machine.write("/usr/bin/nvidia-ctk", "")
    reloads.prepare()
    assert (machine.read(RULE) or "").splitlines()[1:] == [
        'ACTION=="add", DEVPATH=="/bus/pci/drivers/nvidia",'
        ' RUN+="/usr/bin/nvidia-ctk system create-dev-char-symlinks --create-all"'
    ]
    reloads.restore()
    assert not machine.exists(RULE)


def test_charm_itself_does_not_reload_systemd_beside_exposed_containers(
    container: FakeMachine, source: str
) -> None:
    """The runtime is set up; its drop-in takes effect once systemd may be reloaded."""
    container.write(RUNTIME, "")
    daemon = ScriptedEngine(container, "docker", FILE)
    docker = Docker(container, source)
    assert docker.apply(SETTINGS) == Applied([], PROBLEM)
    assert docker.has_settings(SETTINGS)
    assert daemon.changes == ["reload docker.service"]

    assert docker.apply(SETTINGS) == Applied([], PROBLEM)
    container.answers[SHOW] = ""
    assert docker.apply(SETTINGS) == Applied([])
    assert daemon.changes == ["reload docker.service", "daemon-reload"]

    container.answers["systemctl show --property NeedDaemonReload"] = "NeedDaemonReload=yes\n"
    assert docker.apply(SETTINGS) == Applied([])
    assert daemon.changes == ["reload docker.service", "daemon-reload", "daemon-reload"]

    container.answers["systemctl show --property NeedDaemonReload"] = "NeedDaemonReload=no\n"
    container.answers[SHOW] = scope()
    assert docker.apply(SETTINGS) == Applied([])
    docker.restore()
    assert "daemon-reload" not in daemon.changes[3:]
    assert not container.exists(FILE)
