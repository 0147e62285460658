"""The charm with every configuration of a real dockerd under a real systemd."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.host.docker_worker import (
    BROKEN_BY_WORKER,
    DAEMON,
    GUIDE,
    HOOKS,
    NVIDIA_DOCKER2,
    OVERRIDE,
    is_active,
    render_worker,
    restart_docker,
    runs_container_with_nvidia,
    runtimes,
)
from helpers.host.machines import Machine
from helpers.host.units import UnitOn

# The versions of dockerd that start with a file and flags without the charm.
ALL, NONE, FROM_26 = "all", "none", "26"
# The outcome with the charm: either docker runs with nvidia as its default, or the status is
# blocked and contains this text.
RUNS = "runs"
# Name, file, flags, the versions of dockerd that start without the charm, outcome.
CASES: list[tuple[str, dict[str, Any] | str, str, str, str]] = [
    ("default twice", BROKEN_BY_WORKER, "--default-runtime=nvidia", NONE, RUNS),
    (
        "default in the file, runtime twice",
        BROKEN_BY_WORKER,
        "--add-runtime=nvidia=/usr/bin/nvidia-container-runtime",
        ALL,
        RUNS,
    ),
    ("runtime in the file", NVIDIA_DOCKER2, "--default-runtime=nvidia", ALL, RUNS),
    ("nothing registered", {}, "--default-runtime=nvidia", NONE, RUNS),
    ("nothing at all", {}, "", ALL, RUNS),
    (
        "log driver twice",
        {"log-driver": "json-file"},
        "--log-driver=json-file",
        NONE,
        "log-driver: (from flag: json-file, from file: json-file)",
    ),
    (
        "hosts twice",
        {"hosts": ["unix:///var/run/docker.sock"]},
        "",
        NONE,
        "hosts: (from flag: [fd://], from file: [unix:///var/run/docker.sock])",
    ),
    ("registry twice", {"insecure-registries": ["a:1"]}, "--insecure-registry=b:2", NONE,
     "insecure-registries: (from flag: [b:2], from file: [a:1])"),
    ("runc redefined", {"runtimes": {"runc": {"path": "runc"}}}, "", NONE,
     "runtime name 'runc' is reserved"),
    ("unknown key", {"bogus": 1}, "", NONE, "bogus"),
    ("empty file", "", "", FROM_26, RUNS),
    ("truncated file", '{"runtimes": ', "", NONE, "daemon.json is not a JSON object"),
    ("another default by flag", {}, "--default-runtime=runc", ALL,
     "docker's command line sets --default-runtime=runc"),
    ("foreign keys", {"log-level": "warn", "labels": ["rack=1"]}, "", ALL, RUNS),
]  # fmt: skip


def test_failure_of_the_guides_lab_is_fixed(worker: Machine, unit: UnitOn) -> None:
    """Without the charm docker refuses to start; with it containers run with nvidia's runtime."""
    render_worker(worker, "--default-runtime=nvidia")
    worker.write(DAEMON, json.dumps(BROKEN_BY_WORKER))
    assert not restart_docker(worker)
    journal = worker.check("journalctl", "-u", "docker.service", "--no-pager")
    assert "the following directives are specified both as a flag and in" in journal
    assert "default-runtime: (from flag: nvidia, from file: nvidia)" in journal

    status = unit.hooks(*HOOKS)
    assert status == "active: 1 GPU, driver not checked, nvidia is the default runtime of docker"

    assert runtimes(worker) == (True, "nvidia")
    assert runs_container_with_nvidia(worker)
    assert json.loads(worker.read(DAEMON)) == NVIDIA_DOCKER2
    results = unit.action("verify", image="tiny:1", command="/bin/echo seen")["results"]
    assert results["ok"] == "true", results
    assert {"name": "container", "ok": True, "message": "seen"} in json.loads(results["checks"])


@pytest.mark.parametrize(
    ("file", "flags", "versions", "outcome"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_docker_runs_or_the_status_names_the_fix(
    worker: Machine,
    unit: UnitOn,
    file: dict[str, Any] | str,
    flags: str,
    versions: str,
    outcome: str,
) -> None:
    """Each case begins with dockerd's own verdict, without the charm."""
    render_worker(worker, flags)
    text = file if isinstance(file, str) else json.dumps(file)
    if file != {}:
        worker.write(DAEMON, text)
    starts = versions == ALL or (
        versions == FROM_26 and "version 26" in worker.check("dockerd", "--version")
    )
    assert restart_docker(worker) is starts

    status = unit.hooks(*HOOKS)

    if outcome == RUNS:
        assert status.startswith("active"), status
        assert runtimes(worker) == (True, "nvidia")
    else:
        assert status.startswith("blocked"), status
        # The status may end before the end of the cause; the log has all of it.
        assert outcome in status + unit.log()
        assert outcome.partition(":")[0][:20] in status
        assert is_active(worker) is starts
    content = worker.read(DAEMON)
    if outcome != RUNS and not starts:
        assert content == text
    for key, entry in file.items() if isinstance(file, dict) else ():
        if key not in ("default-runtime", "runtimes"):
            assert json.loads(content)[key] == entry


def test_default_in_the_file_with_the_runtime_as_a_flag(worker: Machine, unit: UnitOn) -> None:
    """20.10 validates the file alone and refuses it; 26.1 accepts it. With the charm both run."""
    render_worker(worker, "--add-runtime=nvidia=/usr/bin/nvidia-container-runtime")
    worker.write(DAEMON, json.dumps({"default-runtime": "nvidia"}))
    is_old = "version 20.10" in worker.check("dockerd", "--version")
    assert restart_docker(worker) is not is_old

    assert unit.hooks(*HOOKS).startswith("active")
    assert runtimes(worker) == (True, "nvidia")


def test_drop_in_of_the_guide_is_adopted_and_restored(worker: Machine, unit: UnitOn) -> None:
    """With the drop-in DOCKER_OPTS has no effect; with the charm it has."""
    render_worker(worker, "--log-level=warn --default-runtime=nvidia")
    worker.write(DAEMON, json.dumps(BROKEN_BY_WORKER))
    worker.write(OVERRIDE, GUIDE)
    worker.check("systemctl", "daemon-reload")
    assert restart_docker(worker)
    assert "--log-level" not in command_line(worker)

    assert unit.hooks(*HOOKS).startswith("active")
    assert not worker.exists(OVERRIDE)
    assert "--log-level=warn" in command_line(worker)
    assert runtimes(worker) == (True, "nvidia")

    unit.hooks("stop")
    assert worker.read(OVERRIDE) == GUIDE
    assert json.loads(worker.read(DAEMON)) == BROKEN_BY_WORKER
    assert runtimes(worker) == (True, "nvidia")


def command_line(machine: Machine) -> str:
    """Return the command line of the running dockerd."""
    return machine.sh("tr '\\0' ' ' < /proc/$(pidof dockerd)/cmdline")


def test_any_other_drop_in_stays_and_is_respected(worker: Machine, unit: UnitOn) -> None:
    """An administrator's ExecStart stays; the default is set where its command line allows it."""
    drop_in = GUIDE.replace("--host=fd://", "--host=fd:// --log-level=info")
    render_worker(worker, "--default-runtime=nvidia")
    worker.write(OVERRIDE, drop_in)
    worker.check("systemctl", "daemon-reload")
    assert restart_docker(worker)

    assert unit.hooks(*HOOKS).startswith("active")
    assert worker.read(OVERRIDE) == drop_in
    assert runtimes(worker) == (True, "nvidia")


def test_default_runtime_false(worker: Machine, unit: UnitOn) -> None:
    """Containers can ask for the runtime by name; a flag that contradicts blocks."""
    render_worker(worker, "")
    assert restart_docker(worker)
    unit.configure(driver="none", default_runtime=False)
    status = unit.hooks(*HOOKS)
    assert status.startswith("active: 1 GPU, driver not checked, nvidia is a runtime of docker")
    assert runtimes(worker) == (True, "runc")

    render_worker(worker, "--default-runtime=nvidia")
    restart_docker(worker)
    status = unit.hooks("update-status")
    assert status.startswith("blocked")
    assert "docker-opts or docker_runtime" in status
    assert is_active(worker)
