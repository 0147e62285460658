"""The charm with a real containerd, as today's workers run it, without docker.

The effect of the file on the CRI plugin is read from containerd itself (`containerd config dump`).
No pod is run through the kubelet's interface, because no CRI client is available here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpers.host.docker_worker import HOOKS, SYSFS, add_gpu, is_active, main_process
from helpers.host.machines import Machine
from helpers.host.units import UnitOn
from reconciler.cri_files import dumped_values

CONFIG = "/etc/containerd/config.toml"
# In the form in which the charm containerd writes it: version 2, tables indented.
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
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
            SystemdCgroup = true
    [plugins."io.containerd.grpc.v1.cri".registry]
      [plugins."io.containerd.grpc.v1.cri".registry.mirrors]
        [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
          endpoint = ["https://registry.lab.example"]
"""


@pytest.fixture
def worker(machine: Machine) -> Machine:
    """Make the machine a worker of today with a GPU."""
    add_gpu(machine, device="0x20b0")
    machine.write("/usr/bin/nvidia-container-runtime", '#!/bin/sh\nexec runc "$@"\n', 0o755)
    machine.sh("systemctl stop docker.socket docker; systemctl mask docker.socket docker")
    machine.write(CONFIG, PRINCIPAL)
    machine.check("systemctl", "restart", "containerd")
    return machine


@pytest.fixture
def unit(worker: Machine, place: Callable[..., UnitOn]) -> UnitOn:
    """Put the charm on the worker; the driver is not tested."""
    return place("nvidia-runtime", NVIDIA_RUNTIME_SYSFS=SYSFS).configure(driver="none")


def configuration(machine: Machine) -> str:
    """Return containerd's effective configuration, with one kind of quotes."""
    return machine.check("containerd", "config", "dump").replace("'", '"')


def options(machine: Machine, runtime: str) -> dict[str, str]:
    """Return the options of a runtime that are in effect and not empty."""
    table = ("containerd", "runtimes", runtime, "options")
    values = dumped_values(configuration(machine))
    return {path[-1]: text for path, text in values.items() if path[:-1] == table and text != '""'}


def test_runtime_is_registered_beside_the_principals_settings(
    worker: Machine, unit: UnitOn
) -> None:
    """Runtime and default are in effect, and so is the principal's registry."""
    message = "1 GPU, driver not checked, nvidia is the default runtime of containerd"
    assert unit.hooks(*HOOKS) == f"active: {message}"

    text = configuration(worker)
    assert 'default_runtime_name = "nvidia"' in text
    assert options(worker, "nvidia") == {
        **options(worker, "runc"),
        "BinaryName": '"/usr/bin/nvidia-container-runtime"',
    }
    assert options(worker, "nvidia")["SystemdCgroup"] == "true"
    assert "https://registry.lab.example" in text
    assert is_active(worker, "containerd")
    assert unit.action("verify")["results"]["ok"] == "true"


def test_unchanged_hooks_do_not_restart_and_removal_restores_the_file(
    worker: Machine, unit: UnitOn
) -> None:
    """Five hooks do not restart containerd; after removal the file is the same to the byte."""
    unit.hooks(*HOOKS)
    before = main_process(worker, "containerd")
    unit.hooks(*["update-status"] * 5)
    assert main_process(worker, "containerd") == before

    unit.hooks("stop")
    assert worker.read(CONFIG) == PRINCIPAL
    assert main_process(worker, "containerd") != before
    assert is_active(worker, "containerd")


def test_runtime_stays_when_the_principal_rewrites_its_file(worker: Machine, unit: UnitOn) -> None:
    """The principal writes its file and restarts containerd; the start registers the runtime."""
    unit.hooks(*HOOKS)
    worker.write(CONFIG, PRINCIPAL.replace("pause:3.6", "pause:3.9"))
    worker.check("systemctl", "restart", "containerd")

    text = configuration(worker)
    assert "pause:3.9" in text
    assert 'default_runtime_name = "nvidia"' in text


def test_default_runtime_false_keeps_the_principals_default(worker: Machine, unit: UnitOn) -> None:
    """The runtime is registered under its name, for a RuntimeClass."""
    unit.configure(driver="none", default_runtime=False)
    assert unit.hooks(*HOOKS).startswith("active")

    text = configuration(worker)
    assert 'BinaryName = "/usr/bin/nvidia-container-runtime"' in text
    assert 'default_runtime_name = "runc"' in text


def test_runtime_is_registered_in_an_imported_file_that_replaces_the_section(
    worker: Machine, unit: UnitOn
) -> None:
    """In these releases the tables of the last file are the only ones of the plugin."""
    imported = "/etc/containerd/conf.d/registry.toml"
    text = '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/certs.d"\n'
    worker.write(imported, text)
    importing = f'imports = ["/etc/containerd/conf.d/*.toml"]\n{PRINCIPAL}'
    worker.write(CONFIG, importing)
    assert unit.hooks(*HOOKS).startswith("active: 1 GPU")

    assert 'default_runtime_name = "nvidia"' in configuration(worker)
    assert options(worker, "runc") == {}
    assert options(worker, "nvidia") == {"BinaryName": '"/usr/bin/nvidia-container-runtime"'}
    assert worker.read(CONFIG) == importing
    unit.hooks("stop")
    assert worker.read(imported) == text


def test_systemd_is_not_reloaded_while_a_container_would_lose_its_gpu(
    worker: Machine, unit: UnitOn
) -> None:
    """The scopes stand for containers; the driver's control device has the number 195:255."""
    for name, allowed in (("a", "/dev/null"), ("b", "/dev/char/195:255")):
        scope = f"systemd-run --scope --unit=cri-containerd-{name} -p DevicePolicy=strict"
        worker.sh(f"{scope} -p 'DeviceAllow={allowed} rw' sleep 600 >/dev/null 2>&1 &")
    worker.sh("mknod /dev/nvidiactl c 195 255; sleep 1; rm -f /dev/char/195:255")
    status = "1 container(s) would lose their GPU when systemd is reloaded: restart them"
    assert unit.hooks(*HOOKS) == f"waiting: {status}"

    assert worker.check("readlink", "/dev/char/195:255") == "../nvidiactl\n"
    drop_ins = ("systemctl", "show", "-p", "DropInPaths", "containerd")
    assert "nvidia-runtime.conf" not in worker.check(*drop_ins)
    worker.check("systemctl", "stop", "cri-containerd-a.scope")
    assert unit.hooks("update-status").startswith("active")
    assert "nvidia-runtime.conf" in worker.check(*drop_ins)
