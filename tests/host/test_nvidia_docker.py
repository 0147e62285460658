"""The charm nvidia-runtime beside a real dockerd under a real systemd.

The machine is made what kubernetes-worker of 2019 makes it: the layer's unit over the package's,
/etc/default/docker with DOCKER_OPTS, nvidia-docker2's daemon.json. The GPU is a folder of faked
devices, and nvidia-container-runtime a script that hands over to runc: neither GPU nor NVIDIA's
toolkit can be had on a test machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helpers.host.machines import Machine
from helpers.host.units import UnitOn

LAYER_UNIT = """\
[Unit]
Description=Docker Application Container Engine
After=network.target docker.socket
Requires=docker.socket

[Service]
EnvironmentFile=-/etc/default/docker
Type=notify
ExecStart=/usr/bin/dockerd -H fd:// $DOCKER_OPTS
ExecReload=/bin/kill -s HUP $MAINPID
LimitNOFILE=1048576
LimitNPROC=1048576
LimitCORE=infinity
TimeoutStartSec=0
Delegate=yes
KillMode=process
Restart=on-failure
StartLimitBurst=3
StartLimitInterval=60s

[Install]
WantedBy=multi-user.target
"""
NVIDIA_DOCKER2 = {"runtimes": {"nvidia": {"path": "nvidia-container-runtime", "runtimeArgs": []}}}
BROKEN_BY_WORKER = {**NVIDIA_DOCKER2, "default-runtime": "nvidia"}
WRAPPER = """\
#!/bin/sh
echo "$@" >> /lab/runtime.log
exec runc "$@"
"""
GUIDE = """\
[Service]
ExecStart=
ExecStart=/usr/bin/dockerd --host=fd:// --add-runtime=nvidia=/usr/bin/nvidia-container-runtime
"""
DAEMON = "/etc/docker/daemon.json"
OVERRIDE = "/etc/systemd/system/docker.service.d/override.conf"
PLAIN_HOOKS = ("install", "config-changed", "start")


def worker_renders(machine: Machine, opts: str) -> None:
    """Write unit and defaults as the worker does on every change of its configuration."""
    machine.write("/lib/systemd/system/docker.service", LAYER_UNIT)
    machine.write("/etc/default/docker", f'DOCKER_OPTS="{opts}"\n')
    machine.check("systemctl", "daemon-reload")


def restart(machine: Machine) -> bool:
    """Restart docker as an administrator would who knows of the start limit."""
    machine.run("systemctl", "reset-failed", "docker.service", "docker.socket")
    return machine.run("systemctl", "restart", "docker.service").code == 0


def runtimes(machine: Machine) -> tuple[bool, str]:
    """Tell whether the running dockerd has the runtime nvidia, and its default runtime."""
    info: Any = machine.json("docker", "info", "--format", "{{json .}}")
    return "nvidia" in info["Runtimes"], info["DefaultRuntime"]


def pid(machine: Machine) -> str:
    """Return the pid of dockerd."""
    return machine.check("systemctl", "show", "-p", "MainPID,ActiveState", "docker")


@pytest.fixture
def gpu(machine: Machine) -> Machine:
    """Give the machine a GPU, the toolkit's stand-in, and the path of dockerd that is usual."""
    device = "/lab/sysfs/bus/pci/devices/0000:0b:00.0"
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x1eb8")):
        machine.write(f"{device}/{name}", text + "\n")
    machine.write("/usr/bin/nvidia-container-runtime", WRAPPER, 0o755)
    machine.sh("[ -e /usr/bin/dockerd ] || ln -s /usr/sbin/dockerd /usr/bin/dockerd")
    return machine


@pytest.fixture
def unit(gpu: Machine, place: Callable[..., UnitOn]) -> UnitOn:
    """Put the charm beside the worker; the driver is not this test's."""
    placed = place("nvidia-runtime", NVIDIA_RUNTIME_SYSFS="/lab/sysfs")
    return placed.configure(driver="none")


def runs_a_container(machine: Machine) -> bool:
    """Run a container without naming a runtime, and tell whether it went through nvidia's."""
    machine.sh(
        "mkdir -p /tmp/i/bin; cp /bin/busybox /tmp/i/bin/; ln -sf busybox /tmp/i/bin/echo;"
        " tar -C /tmp/i -c . | docker import - tiny:1; rm -f /lab/runtime.log"
    )
    said = machine.check("docker", "run", "--rm", "--network=none", "tiny:1", "/bin/echo", "ran")
    return said == "ran\n" and machine.exists("/lab/runtime.log")


def test_the_guides_failure_is_there_and_is_cured(gpu: Machine, unit: UnitOn) -> None:
    """Without the charm docker refuses to start; with it containers run under nvidia's."""
    worker_renders(gpu, "--default-runtime=nvidia")
    gpu.write(DAEMON, json.dumps(BROKEN_BY_WORKER))
    assert not restart(gpu)
    journal = gpu.check("journalctl", "-u", "docker.service", "--no-pager")
    assert "the following directives are specified both as a flag and in" in journal
    assert "default-runtime: (from flag: nvidia, from file: nvidia)" in journal

    assert unit.hooks(*PLAIN_HOOKS) == (
        "active: 1 GPU(s), nvidia is the default runtime of docker"
    )

    assert runtimes(gpu) == (True, "nvidia")
    assert runs_a_container(gpu)
    assert json.loads(gpu.read(DAEMON)) == NVIDIA_DOCKER2
    verified = unit.action("verify", image="tiny:1", command="/bin/echo seen")["results"]
    assert verified["ok"] == "true", verified
    assert {"name": "container", "ok": True, "message": "seen"} in json.loads(verified["checks"])


# Which dockerd starts with a file and flags alone: all, none, or those from 26 on.
ALL, NONE, FROM_26 = "all", "none", "26"
# file, flags, which dockerd takes them alone, and what is left with the charm: either docker
# runs with nvidia as its default, or the status is Blocked and holds these words.
RUNS = "runs"
ROWS: list[tuple[str, dict[str, Any] | str, str, str, str]] = [
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
    ("truncated file", '{"runtimes": ', "", NONE, "daemon.json is no JSON mapping"),
    ("another default by flag", {}, "--default-runtime=runc", ALL,
     "docker's command line sets --default-runtime=runc"),
    ("foreign keys", {"log-level": "warn", "labels": ["rack=1"]}, "", ALL, RUNS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "flags", "alone", "expected"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_each_row_ends_with_docker_running_or_a_named_mend(
    gpu: Machine,
    unit: UnitOn,
    file: dict[str, Any] | str,
    flags: str,
    alone: str,
    expected: str,
) -> None:
    """First dockerd's own verdict is seen, then what the charm makes of it."""
    worker_renders(gpu, flags)
    text = file if isinstance(file, str) else json.dumps(file)
    if file != {}:
        gpu.write(DAEMON, text)
    starts = alone == ALL or (
        alone == FROM_26 and "version 26" in gpu.check("dockerd", "--version")
    )
    assert restart(gpu) is starts

    status = unit.hooks(*PLAIN_HOOKS)

    if expected is RUNS:
        assert status.startswith("active"), status
        assert runtimes(gpu) == (True, "nvidia")
    else:
        assert status.startswith("blocked"), status
        assert expected in status
        assert (pid(gpu).endswith("ActiveState=active\n")) is starts
    kept = gpu.read(DAEMON)
    if expected != RUNS and not starts:
        assert kept == text
    for key, value in file.items() if isinstance(file, dict) else ():
        if key not in ("default-runtime", "runtimes"):
            assert json.loads(kept)[key] == value


def test_default_by_file_with_the_runtime_by_flag_only(gpu: Machine, unit: UnitOn) -> None:
    """20.10 validates the file alone and refuses; 26.1 takes it. With the charm both run."""
    worker_renders(gpu, "--add-runtime=nvidia=/usr/bin/nvidia-container-runtime")
    gpu.write(DAEMON, json.dumps({"default-runtime": "nvidia"}))
    old = "version 20.10" in gpu.check("dockerd", "--version")
    assert restart(gpu) is not old

    assert unit.hooks(*PLAIN_HOOKS).startswith("active")
    assert runtimes(gpu) == (True, "nvidia")


def test_it_stays_so_when_the_worker_renders_anew(gpu: Machine, unit: UnitOn) -> None:
    """The flag comes, goes and comes again; docker starts each time without a hook of ours."""
    worker_renders(gpu, "")
    assert restart(gpu)
    unit.hooks(*PLAIN_HOOKS)
    for opts in ("--default-runtime=nvidia", "", "--log-level=warn --default-runtime=nvidia"):
        worker_renders(gpu, opts)
        assert restart(gpu), gpu.check("journalctl", "-u", "docker.service", "-n", "5")
        assert runtimes(gpu) == (True, "nvidia")


def test_it_stays_so_when_nvidia_docker2_is_installed_again(gpu: Machine, unit: UnitOn) -> None:
    """The package's daemon.json, and the worker's default in it, beside the worker's flag."""
    worker_renders(gpu, "--default-runtime=nvidia")
    unit.hooks(*PLAIN_HOOKS)
    gpu.write(DAEMON, json.dumps(BROKEN_BY_WORKER))

    assert restart(gpu)
    assert runtimes(gpu) == (True, "nvidia")


def test_it_survives_a_reboot(gpu: Machine, unit: UnitOn) -> None:
    """After a power cycle docker is up with the runtime, no hook having run."""
    worker_renders(gpu, "--default-runtime=nvidia")
    unit.hooks(*PLAIN_HOOKS)
    gpu.write(DAEMON, json.dumps(BROKEN_BY_WORKER))
    gpu.stop()
    gpu.boot()

    assert runtimes(gpu) == (True, "nvidia")


def test_the_guides_drop_in_is_adopted_and_given_back(gpu: Machine, unit: UnitOn) -> None:
    """With it DOCKER_OPTS had no effect; now it has, and on removal the drop-in is back."""
    worker_renders(gpu, "--log-level=warn --default-runtime=nvidia")
    gpu.write(DAEMON, json.dumps(BROKEN_BY_WORKER))
    gpu.write(OVERRIDE, GUIDE)
    gpu.check("systemctl", "daemon-reload")
    assert restart(gpu)
    assert "--log-level" not in gpu.sh("tr '\\0' ' ' < /proc/$(pidof dockerd)/cmdline")

    assert unit.hooks(*PLAIN_HOOKS).startswith("active")
    assert not gpu.exists(OVERRIDE)
    assert "--log-level=warn" in gpu.sh("tr '\\0' ' ' < /proc/$(pidof dockerd)/cmdline")
    assert runtimes(gpu) == (True, "nvidia")

    unit.hooks("stop")
    assert gpu.read(OVERRIDE) == GUIDE
    assert json.loads(gpu.read(DAEMON)) == BROKEN_BY_WORKER
    assert runtimes(gpu) == (True, "nvidia")


def test_another_drop_in_is_left_and_judged(gpu: Machine, unit: UnitOn) -> None:
    """An ExecStart of somebody's own stays; the default is set where its command line allows."""
    own = GUIDE.replace("--host=fd://", "--host=fd:// --log-level=info")
    worker_renders(gpu, "--default-runtime=nvidia")
    gpu.write(OVERRIDE, own)
    gpu.check("systemctl", "daemon-reload")
    assert restart(gpu)

    assert unit.hooks(*PLAIN_HOOKS).startswith("active")
    assert gpu.read(OVERRIDE) == own
    assert runtimes(gpu) == (True, "nvidia")


def test_twenty_reconciles_change_nothing(gpu: Machine, unit: UnitOn) -> None:
    """No file is written, no apt runs, docker is not restarted."""
    worker_renders(gpu, "--default-runtime=nvidia")
    unit.hooks(*PLAIN_HOOKS)
    before = pid(gpu)
    gpu.write("/usr/local/sbin/apt-get", "#!/bin/sh\ntouch /lab/apt\nexit 1\n", 0o755)
    gpu.check("touch", "/lab/mark")

    for _ in range(20):
        unit.hooks("update-status")

    assert pid(gpu) == before
    assert not gpu.exists("/lab/apt")
    changed = gpu.sh("find /etc /usr /lib /var/lib/nvidia-runtime -newer /lab/mark -type f")
    assert changed == ""


def test_containers_run_on_while_the_runtime_is_registered(gpu: Machine, unit: UnitOn) -> None:
    """A reload is enough, so what runs is not stopped."""
    worker_renders(gpu, "")
    assert restart(gpu)
    gpu.sh(
        "mkdir -p /tmp/i/bin; cp /bin/busybox /tmp/i/bin/; ln -sf busybox /tmp/i/bin/sleep;"
        " tar -C /tmp/i -c . | docker import - tiny:1;"
        " docker run -d --name old --network=none tiny:1 /bin/sleep 1000"
    )
    before = pid(gpu)

    assert unit.hooks(*PLAIN_HOOKS).startswith("active")

    assert runtimes(gpu) == (True, "nvidia")
    assert pid(gpu) == before
    running = gpu.check("docker", "inspect", "-f", "{{.State.Running}}", "old")
    assert running == "true\n"


def test_default_runtime_off(gpu: Machine, unit: UnitOn) -> None:
    """The runtime is there for those that ask for it; a flag that contradicts is Blocked."""
    worker_renders(gpu, "")
    assert restart(gpu)
    unit.configure(driver="none", default_runtime=False)
    assert unit.hooks(*PLAIN_HOOKS).startswith("active: 1 GPU(s), nvidia is a runtime of docker")
    assert runtimes(gpu) == (True, "runc")

    worker_renders(gpu, "--default-runtime=nvidia")
    restart(gpu)
    status = unit.hooks("update-status")
    assert status.startswith("blocked")
    assert "docker-opts or docker_runtime" in status
    assert pid(gpu).endswith("ActiveState=active\n")


@pytest.mark.parametrize("release", ["bookworm"], indirect=True)
def test_a_kill_at_every_write_loses_nothing(gpu: Machine, unit: UnitOn) -> None:
    """After each kill the keys of others are there, and the next hook ends well."""
    foreign = {"labels": ["rack=1"], **BROKEN_BY_WORKER}
    worker_renders(gpu, "--default-runtime=nvidia")
    killed = 0
    for number in range(1, 40):
        unit.hooks("stop")
        gpu.write(DAEMON, json.dumps(foreign))
        was_killed = unit.killed_at(number, "config-changed")
        assert json.loads(gpu.read(DAEMON))["labels"] == ["rack=1"]
        assert unit.hooks("config-changed").startswith("active")
        assert runtimes(gpu) == (True, "nvidia")
        unit.hooks("stop")
        assert json.loads(gpu.read(DAEMON))["labels"] == ["rack=1"]
        assert pid(gpu).endswith("ActiveState=active\n")
        killed += was_killed
        if not was_killed:
            break
    assert killed > 10


def test_an_upgrade_replaces_the_program(gpu: Machine, unit: UnitOn) -> None:
    """What an older version of the charm left is gone, what was spoilt is whole again."""
    worker_renders(gpu, "")
    unit.hooks(*PLAIN_HOOKS)
    gpu.write("/usr/local/lib/nvidia-runtime/reconciler/old.py", "")
    gpu.write("/usr/local/lib/nvidia-runtime/__main__.py", "raise SystemExit(1)")
    assert restart(gpu)  # a program that fails does not keep docker from starting

    unit.hooks("upgrade-charm")

    assert not gpu.exists("/usr/local/lib/nvidia-runtime/reconciler/old.py")
    assert "reconciler.main" in gpu.read("/usr/local/lib/nvidia-runtime/__main__.py")


def test_a_program_that_hangs_does_not_hold_docker_up(gpu: Machine, unit: UnitOn) -> None:
    """Its own time limit ends it."""
    worker_renders(gpu, "")
    unit.hooks(*PLAIN_HOOKS)
    gpu.write("/usr/local/lib/nvidia-runtime/__main__.py", "import time; time.sleep(600)")

    assert restart(gpu)
    assert runtimes(gpu) == (True, "nvidia")


def test_removal_gives_back_what_was_there(gpu: Machine, unit: UnitOn) -> None:
    """Every file outside of docker's own is as before, and docker runs."""
    worker_renders(gpu, "")
    gpu.write(DAEMON, '{"log-level": "info",   "labels": []}\n')
    assert restart(gpu)
    listing = "find /etc /usr/local /usr/share/keyrings /var/lib/nvidia-runtime | sort"
    before = gpu.run("sh", "-c", listing).out

    unit.hooks(*PLAIN_HOOKS)
    assert gpu.run("sh", "-c", listing).out != before
    unit.hooks("stop", "remove")

    assert gpu.run("sh", "-c", listing).out == before
    assert json.loads(gpu.read(DAEMON)) == {"log-level": "info", "labels": []}
    assert runtimes(gpu) == (False, "runc")


def test_a_program_that_is_gone_makes_no_default(gpu: Machine, unit: UnitOn) -> None:
    """Were nvidia the default without its program, no container would start at all."""
    worker_renders(gpu, "")
    unit.hooks(*PLAIN_HOOKS)
    gpu.check("rm", "/usr/bin/nvidia-container-runtime")

    assert restart(gpu)
    assert runtimes(gpu) == (True, "runc")


def test_no_gpu_no_change(machine: Machine, place: Callable[..., UnitOn]) -> None:
    """On a machine without a GPU nothing is written and docker is left as it runs."""
    unit = place("nvidia-runtime", NVIDIA_RUNTIME_SYSFS="/lab/none")
    before = pid(machine)
    machine.check("touch", "/lab/mark")

    assert unit.hooks(*PLAIN_HOOKS, "update-status", "stop") == "active: no GPU here"

    assert pid(machine) == before
    folders = "/etc /usr /lib /var/lib/nvidia-runtime"
    assert machine.run("sh", "-c", f"find {folders} -newer /lab/mark -type f").out == ""
