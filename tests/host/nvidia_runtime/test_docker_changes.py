"""Changes that the charm makes on a machine with docker: no more than needed, and reversible."""

from __future__ import annotations

import json
from collections.abc import Callable

from helpers.host.docker_worker import (
    DAEMON,
    HOOKS,
    import_image,
    main_process,
    render_worker,
    restart_docker,
    runtimes,
)
from helpers.host.machines import Machine
from helpers.host.units import UnitOn


def test_twenty_hooks_change_nothing(worker: Machine, unit: UnitOn) -> None:
    """No file is written, apt is not run, and docker is not restarted."""
    render_worker(worker, "--default-runtime=nvidia")
    unit.hooks(*HOOKS)
    before = main_process(worker)
    worker.write("/usr/local/sbin/apt-get", "#!/bin/sh\ntouch /lab/apt\nexit 1\n", 0o755)
    worker.check("touch", "/lab/mark")

    for _ in range(20):
        unit.hooks("update-status")

    assert main_process(worker) == before
    assert not worker.exists("/lab/apt")
    changed = worker.sh("find /etc /usr /lib /var/lib/nvidia-runtime -newer /lab/mark -type f")
    assert changed == ""


def test_containers_keep_running_while_the_runtime_is_registered(
    worker: Machine, unit: UnitOn
) -> None:
    """A reload is enough, so no container is stopped."""
    render_worker(worker, "")
    assert restart_docker(worker)
    import_image(worker, "sleep")
    worker.sh("docker run -d --name old --network=none tiny:1 /bin/sleep 1000")
    before = main_process(worker)

    assert unit.hooks(*HOOKS).startswith("active")

    assert runtimes(worker) == (True, "nvidia")
    assert main_process(worker) == before
    running = worker.check("docker", "inspect", "-f", "{{.State.Running}}", "old")
    assert running == "true\n"


def test_removal_restores_the_machine(worker: Machine, unit: UnitOn) -> None:
    """Every file that is not docker's own is as before, and docker runs."""
    render_worker(worker, "")
    worker.write(DAEMON, '{"log-level": "info",   "labels": []}\n')
    assert restart_docker(worker)
    listing = "find /etc /usr/local /usr/share/keyrings /var/lib/nvidia-runtime | sort"
    before = worker.run("sh", "-c", listing).out

    unit.hooks(*HOOKS)
    assert worker.run("sh", "-c", listing).out != before
    unit.hooks("stop", "remove")

    assert worker.run("sh", "-c", listing).out == before
    assert json.loads(worker.read(DAEMON)) == {"log-level": "info", "labels": []}
    assert runtimes(worker) == (False, "runc")


def test_machine_without_a_gpu_is_not_changed(
    machine: Machine, place: Callable[..., UnitOn]
) -> None:
    """Nothing is written, and docker keeps running."""
    unit = place("nvidia-runtime", NVIDIA_RUNTIME_SYSFS="/lab/none")
    before = main_process(machine)
    machine.check("touch", "/lab/mark")

    status = unit.hooks(*HOOKS, "update-status", "stop")

    assert status == "active: no GPU on this machine"
    assert main_process(machine) == before
    directories = "/etc /usr /lib /var/lib/nvidia-runtime"
    assert machine.run("sh", "-c", f"find {directories} -newer /lab/mark -type f").out == ""
