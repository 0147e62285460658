"""The runtime stays registered after restarts, new files of others, and faults of the program."""

from __future__ import annotations

import json

import pytest

from helpers.host.docker_worker import (
    BROKEN_BY_WORKER,
    DAEMON,
    HOOKS,
    is_active,
    render_worker,
    restart_docker,
    runtimes,
)
from helpers.host.machines import Machine
from helpers.host.units import UnitOn

PROGRAM = "/usr/local/lib/nvidia-runtime"


def test_runtime_stays_when_the_worker_rewrites_its_files(worker: Machine, unit: UnitOn) -> None:
    """The flag comes, goes and comes again; docker starts each time without a hook."""
    render_worker(worker, "")
    assert restart_docker(worker)
    unit.hooks(*HOOKS)
    for opts in ("--default-runtime=nvidia", "", "--log-level=warn --default-runtime=nvidia"):
        render_worker(worker, opts)
        journal = ("journalctl", "-u", "docker.service", "-n", "5")
        assert restart_docker(worker), worker.check(*journal)
        assert runtimes(worker) == (True, "nvidia")


def test_runtime_stays_when_nvidia_docker2_is_reinstalled(worker: Machine, unit: UnitOn) -> None:
    """The package's daemon.json, with the worker's default in it, beside the worker's flag."""
    render_worker(worker, "--default-runtime=nvidia")
    unit.hooks(*HOOKS)
    worker.write(DAEMON, json.dumps(BROKEN_BY_WORKER))

    assert restart_docker(worker)
    assert runtimes(worker) == (True, "nvidia")


def test_runtime_stays_after_a_reboot(worker: Machine, unit: UnitOn) -> None:
    """After a power cycle docker runs with the runtime, before any hook."""
    render_worker(worker, "--default-runtime=nvidia")
    unit.hooks(*HOOKS)
    worker.write(DAEMON, json.dumps(BROKEN_BY_WORKER))
    worker.stop()
    worker.boot()

    assert runtimes(worker) == (True, "nvidia")


@pytest.mark.parametrize("release", ["bookworm"], indirect=True)
def test_kill_at_any_write_loses_nothing(worker: Machine, unit: UnitOn) -> None:
    """After each kill the foreign keys are in the file, and the next hook succeeds."""
    foreign = {"labels": ["rack=1"], **BROKEN_BY_WORKER}
    render_worker(worker, "--default-runtime=nvidia")
    kills = 0
    for number in range(1, 40):
        unit.hooks("stop")
        worker.write(DAEMON, json.dumps(foreign))
        was_killed = unit.killed_at(number, "config-changed")
        assert json.loads(worker.read(DAEMON))["labels"] == ["rack=1"]
        assert unit.hooks("config-changed").startswith("active")
        assert runtimes(worker) == (True, "nvidia")
        unit.hooks("stop")
        assert json.loads(worker.read(DAEMON))["labels"] == ["rack=1"]
        assert is_active(worker)
        kills += was_killed
        if not was_killed:
            break
    assert kills > 10


def test_upgrade_replaces_the_program(worker: Machine, unit: UnitOn) -> None:
    """Files of an older version are removed, and damaged files are written again."""
    render_worker(worker, "")
    unit.hooks(*HOOKS)
    worker.write(f"{PROGRAM}/reconciler/old.py", "")
    worker.write(f"{PROGRAM}/__main__.py", "raise SystemExit(1)")
    assert restart_docker(worker)  # a program that fails does not keep docker from starting

    unit.hooks("upgrade-charm")

    assert not worker.exists(f"{PROGRAM}/reconciler/old.py")
    assert "reconciler.main" in worker.read(f"{PROGRAM}/__main__.py")


def test_program_that_hangs_does_not_delay_docker(worker: Machine, unit: UnitOn) -> None:
    """Its time limit ends it."""
    render_worker(worker, "")
    unit.hooks(*HOOKS)
    worker.write(f"{PROGRAM}/__main__.py", "import time; time.sleep(600)")

    assert restart_docker(worker)
    assert runtimes(worker) == (True, "nvidia")


def test_missing_runtime_is_not_the_default(worker: Machine, unit: UnitOn) -> None:
    """If nvidia were the default without its program, no container would start at all."""
    render_worker(worker, "")
    unit.hooks(*HOOKS)
    worker.check("rm", "/usr/bin/nvidia-container-runtime")

    assert restart_docker(worker)
    assert runtimes(worker) == (True, "runc")
