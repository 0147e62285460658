"""containerd with the charm's settings, on a scripted systemd."""

from __future__ import annotations

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_engine import ScriptedEngine
from nvidia_runtime.engine.base import Applied
from nvidia_runtime.engine.containerd import Containerd
from reconciler.installation import K8S_SNAP
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
        ("version = 9\n", SETTINGS, f"{FILE} has version 9; this charm edits versions 1 to 4"),
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


def dump(default: str, program: str, is_systemd: bool = False) -> str:
    """Return what containerd prints about its effective configuration."""
    table = "[plugins.'io.containerd.cri.v1.runtime'.containerd"
    return f"""\
version = 4
{table}]
  default_runtime_name = '{default}'
  {table}.runtimes.nvidia.options]
    BinaryName = '{program}'
    SystemdCgroup = {str(is_systemd).lower()}
  {table}.runtimes.runc.options]
    BinaryName = ''
    SystemdCgroup = true
"""


@pytest.mark.parametrize(
    ("text", "is_default", "difference"),
    [
        (dump("nvidia", RUNTIME, True), True, ""),
        (dump("runc", RUNTIME, True), False, ""),
        (dump("nvidia", RUNTIME, True), False, "containerd's default runtime is nvidia"),
        (dump("runc", RUNTIME, True), True, "containerd's default runtime is runc"),
        (dump("nvidia", RUNTIME), True,
         "containerd's runtime nvidia lacks SystemdCgroup = true of runc"),
        (dump("nvidia", "/x"), True, f"containerd's runtime nvidia is /x, not {RUNTIME}"),
        ("", True, "containerd config dump shows no CRI plugin; correct containerd's files"),
    ],
)  # fmt: skip
def test_effective_configuration_decides(
    machine: FakeMachine,
    daemon: ScriptedEngine,
    containerd: Containerd,
    text: str,
    is_default: bool,
    difference: str,
) -> None:
    """A restart would not change it, so there is none if nothing was written."""
    settings = SETTINGS._replace(is_default=is_default)
    containerd.apply(settings)
    before = daemon.changes
    daemon.configuration = text

    assert containerd.has_settings(settings) is (difference == "")
    assert containerd.apply(settings) == Applied([difference] if difference else [])
    assert daemon.changes == before
    assert machine.ran("containerd")[-1] == f"containerd --config {FILE} config dump"


@pytest.mark.parametrize(
    ("mode", "keeps"), [("process", True), ("control-group", False), ("mixed", False)]
)
def test_containers_outlive_a_restart_if_systemd_spares_their_shims(
    machine: FakeMachine, containerd: Containerd, mode: str, keeps: bool
) -> None:
    machine.answers["systemctl show --property KillMode"] = f"KillMode={mode}\n"
    pending = "" if keeps else "containerd must be restarted: run the action reconcile"

    assert containerd.apply(SETTINGS, allow_restart=False) == Applied([], pending)


def test_containerd_of_the_snap_has_its_own_unit_and_programs(
    machine: FakeMachine, source: str
) -> None:
    """Its drop-in is beside the snap's own, and its configuration is that of its arguments."""
    config = "/lab/containerd/etc/containerd/config.toml"
    machine.write(RUNTIME, "")
    machine.write(K8S_SNAP.args_file, f"--address=/lab/containerd.sock\n--config={config}\n")
    daemon = ScriptedEngine(machine, "snap.k8s.containerd", config)
    machine.answers["/snap/k8s/current/bin/containerd"] = lambda _: daemon.configuration
    snap = Containerd(machine, source, K8S_SNAP)
    assert snap.apply(SETTINGS) == Applied([], "the snap k8s has not joined a cluster yet")

    machine.write(config, "version = 2\n")
    assert snap.apply(SETTINGS) == Applied([])
    assert daemon.changes == [
        "daemon-reload",
        "reset-failed snap.k8s.containerd.service",
        "restart snap.k8s.containerd.service",
    ]
    drop_in = machine.read(
        "/etc/systemd/system/snap.k8s.containerd.service.d/10-nvidia-runtime.conf"
    )
    assert (drop_in or "").endswith(" /usr/local/lib/nvidia-runtime k8s-containerd\n")
    assert snap.container_command(SETTINGS, "tiny:1")[:3] == [
        "/snap/k8s/current/bin/ctr", "--address", "/lab/containerd.sock",
    ]  # fmt: skip
    assert snap.restore() == "the configuration of containerd is restored"
    assert machine.read(config) == "version = 2\n"


def test_restart_after_the_restoration_needs_no_permission(
    machine: FakeMachine, daemon: ScriptedEngine, containerd: Containerd
) -> None:
    containerd.apply(SETTINGS)
    machine.commands.clear()

    message = containerd.restore(allow_restart=False)
    assert message == "the configuration of containerd is restored"
    assert daemon.changes == ["daemon-reload", *RESTART]
    assert not machine.exists(FILE)
