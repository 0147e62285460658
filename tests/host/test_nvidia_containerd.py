"""The charm nvidia-runtime beside a real containerd, as today's workers run it (no docker).

What the CRI plugin makes of the file is asked of containerd itself (`containerd config dump`); a
pod through the kubelet's interface is not run, since no CRI client can be had here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpers.host.machines import Machine
from helpers.host.units import UnitOn

CONFIG = "/etc/containerd/config.toml"
# In the shape in which the charm containerd writes it: version 2, tables indented.
PRINCIPAL = """\
root = "/var/lib/containerd"
state = "/run/containerd"
version = 2

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = "registry.lab.example/pause:3.6"
    [plugins."io.containerd.grpc.v1.cri".containerd]
      no_pivot = false
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes]
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".registry]
      [plugins."io.containerd.grpc.v1.cri".registry.mirrors]
        [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
          endpoint = ["https://registry.lab.example"]
"""
HOOKS = ("install", "config-changed", "start")


@pytest.fixture
def worker(machine: Machine, place: Callable[..., UnitOn]) -> UnitOn:
    """Make the machine a worker of today with a GPU, and put the charm beside it."""
    device = "/lab/sysfs/bus/pci/devices/0000:0b:00.0"
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x20b0")):
        machine.write(f"{device}/{name}", text + "\n")
    machine.write("/usr/bin/nvidia-container-runtime", '#!/bin/sh\nexec runc "$@"\n', 0o755)
    machine.sh("systemctl stop docker.socket docker; systemctl mask docker.socket docker")
    machine.write(CONFIG, PRINCIPAL)
    machine.check("systemctl", "restart", "containerd")
    return place("nvidia-runtime", NVIDIA_RUNTIME_SYSFS="/lab/sysfs").configure(driver="none")


def dump(machine: Machine) -> str:
    """Return containerd's effective configuration, quotes made one kind."""
    return machine.check("containerd", "config", "dump").replace("'", '"')


def pid(machine: Machine) -> str:
    """Return state and pid of containerd."""
    return machine.check("systemctl", "show", "-p", "MainPID,ActiveState", "containerd")


def test_registers_the_runtime_and_keeps_the_principals_file(
    machine: Machine, worker: UnitOn
) -> None:
    """Runtime and default are in force; the registry of the principal is too."""
    assert worker.hooks(*HOOKS) == (
        "active: 1 GPU(s), nvidia is the default runtime of containerd"
    )

    found = dump(machine)
    assert 'default_runtime_name = "nvidia"' in found
    assert 'BinaryName = "/usr/bin/nvidia-container-runtime"' in found
    assert "https://registry.lab.example" in found
    assert pid(machine).endswith("ActiveState=active\n")
    assert worker.action("verify")["results"]["ok"] == "true"


def test_no_change_no_restart_and_removal_gives_the_same_bytes(
    machine: Machine, worker: UnitOn
) -> None:
    """Five hooks without a restart; then the file is what it was, byte for byte."""
    worker.hooks(*HOOKS)
    before = pid(machine)
    worker.hooks(*["update-status"] * 5)
    assert pid(machine) == before

    worker.hooks("stop")
    assert machine.read(CONFIG) == PRINCIPAL
    assert pid(machine) != before
    assert pid(machine).endswith("ActiveState=active\n")


def test_it_stays_so_when_the_principal_renders_anew(machine: Machine, worker: UnitOn) -> None:
    """The principal writes its file and restarts containerd; the runtime is back at the start."""
    worker.hooks(*HOOKS)
    machine.write(CONFIG, PRINCIPAL.replace("pause:3.6", "pause:3.9"))
    machine.check("systemctl", "restart", "containerd")

    found = dump(machine)
    assert "pause:3.9" in found
    assert 'default_runtime_name = "nvidia"' in found


def test_default_runtime_off_is_a_runtime_class(machine: Machine, worker: UnitOn) -> None:
    """The runtime is there under its name; the default is the principal's."""
    worker.configure(driver="none", default_runtime=False)
    assert worker.hooks(*HOOKS).startswith("active")

    found = dump(machine)
    assert 'BinaryName = "/usr/bin/nvidia-container-runtime"' in found
    assert 'default_runtime_name = "runc"' in found
