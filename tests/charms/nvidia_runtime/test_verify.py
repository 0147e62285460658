"""The checks of the action `verify`, with a scripted machine and engine."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.fake_machine import FakeMachine
from helpers.scripted_driver import LIST, ScriptedDriver
from labcharm.machine import CommandResult
from labcharm.proxies import ProxyError
from labcharm.verify import Check
from nvidia_runtime import verify
from nvidia_runtime.engine.docker import Docker
from nvidia_runtime.host.fabric import Fabric
from nvidia_runtime.host.gpus import Gpu, find_gpus
from nvidia_runtime.verify import Subject, VerifyParams, run_checks
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
SETTINGS = RuntimeSettings(RUNTIME, (), True)


def offer(amount: str) -> str:
    """Return what kubectl prints of a node."""
    return f'{{"status": {{"allocatable": {{"nvidia.com/gpu": "{amount}"}}}}}}'


class Engine:
    """An engine that is active and has the settings, unless a test says otherwise."""

    name = "containerd"
    state = "active"
    differs = ""
    installed = True
    systemd = True
    error = ""

    def unit(self) -> SimpleNamespace:
        """Return the state of its unit."""
        return SimpleNamespace(state=self.state)

    def last_error(self) -> str:
        """Return what its journal has."""
        return self.error

    def difference(self, settings: RuntimeSettings) -> str:
        """Return how the daemon differs from these settings."""
        assert settings.path == RUNTIME
        return self.differs

    def uses_systemd_cgroups(self) -> bool:
        """Return whether systemd manages the cgroups of containers."""
        return self.systemd

    def container_command(self, settings: RuntimeSettings, image: str) -> list[str]:
        """Return the beginning of the command that runs a container."""
        return ["ctr", settings.path, image]

    def is_installed(self) -> bool:
        """Return whether the drop-in is in place."""
        return self.installed


@pytest.fixture
def gpus(machine: FakeMachine) -> list[Gpu]:
    """Give the machine a GPU, its driver and the runtime; return the GPU."""
    directory = "/sys/bus/pci/devices/0000:0b:00.0"
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x1eb8")):
        machine.write(f"{directory}/{name}", f"{text}\n")
    ScriptedDriver(machine)
    machine.write(RUNTIME, "")
    return find_gpus(machine)


def checks(machine: FakeMachine, gpus: list[Gpu], engine: Any, **params: str) -> list[Check]:
    """Return the checks after that of the device."""
    subject = Subject(machine, gpus, engine, SETTINGS, "auto", "no engine yet")
    first, *further = run_checks(subject, VerifyParams(**params))
    assert first == Check("device", True, "1 GPU(s)")
    return further


def test_machine_without_a_gpu_needs_nothing(machine: FakeMachine) -> None:
    assert run_checks(Subject(machine, [], None, SETTINGS, "auto"), VerifyParams()) == [
        Check("device", True, "no GPU that containers of this machine can use")
    ]


def test_complete_machine_passes(machine: FakeMachine, gpus: list[Gpu]) -> None:
    assert checks(machine, gpus, Engine()) == [
        Check("driver", True, "450.51.06"),
        Check("toolkit", True, RUNTIME),
        Check("engine", True, "containerd is active"),
        Check("runtime", True, "runtime nvidia, the default"),
        Check("drop-in", True, "applied at every start"),
        Check("reload", True, "containers keep GPUs when systemd is reloaded"),
    ]
    assert machine.ran("nvidia") == [LIST]


def test_driver_policy_none_skips_the_driver(machine: FakeMachine, gpus: list[Gpu]) -> None:
    subject = Subject(machine, gpus, None, SETTINGS, "none")

    assert [check.name for check in run_checks(subject, VerifyParams())] == [
        "device", "toolkit", "engine",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (CommandResult(9, "", "a\nno devices\n"), "nvidia-smi fails (no devices)"),
        (CommandResult(9, "on stdout\n", ""), "nvidia-smi fails (on stdout)"),
        (CommandResult(9, "", ""), "nvidia-smi fails (exit code 9)"),
    ],
)
def test_driver_that_does_not_answer_fails(
    machine: FakeMachine, gpus: list[Gpu], result: CommandResult, message: str
) -> None:
    machine.answers[LIST] = result
    message += ": look for NVRM in the kernel log"
    assert checks(machine, gpus, Engine())[0] == Check("driver", False, message)


def test_command_with_an_open_quote_fails_with_its_reason(
    machine: FakeMachine, gpus: list[Gpu]
) -> None:
    check = checks(machine, gpus, Engine(), image="img:1", command="sh -c 'nvidia-smi")[-1]

    assert check == Check(
        "container", False, "parameter command: No closing quotation; close each quote"
    )


def test_missing_parts_fail_with_their_reasons(machine: FakeMachine, gpus: list[Gpu]) -> None:
    machine.remove("/proc/driver/nvidia/version")
    machine.remove("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.450.51.06")
    machine.remove(RUNTIME)

    assert checks(machine, gpus, None) == [
        Check(
            "driver",
            False,
            "no NVIDIA driver is installed: install one, or set driver=auto",
        ),
        Check("toolkit", False, f"{RUNTIME} does not exist"),
        Check("engine", False, "no engine yet"),
    ]


@pytest.mark.parametrize(
    ("error", "message"), [("it broke", "it broke"), ("", "containerd is not active")]
)
def test_engine_that_is_not_active_has_no_settings(
    machine: FakeMachine, gpus: list[Gpu], error: str, message: str
) -> None:
    engine = Engine()
    engine.state, engine.error, engine.installed = "failed", error, False

    assert checks(machine, gpus, engine)[2:] == [
        Check("engine", False, message),
        Check("runtime", False, "containerd is not active"),
        Check("drop-in", False, "this charm's drop-in is not in place"),
        Check("reload", True, "containers keep GPUs when systemd is reloaded"),
    ]


@pytest.mark.parametrize(
    ("systemd", "message"),
    [
        (False, "the cgroups of containers are not systemd's"),
        (True, "1 container(s) would lose their GPU when systemd is reloaded: restart them"),
    ],
)
def test_containers_that_a_reload_of_systemd_breaks_are_named(
    machine: FakeMachine, gpus: list[Gpu], systemd: bool, message: str
) -> None:
    """They report "Failed to initialize NVML: Unknown Error" afterwards."""
    machine.write("/sys/fs/cgroup/docker-a.scope/cgroup.procs", "1\n")
    machine.write("/proc/1/root/dev/nvidiactl", "")
    scope = "ControlGroup=/docker-a.scope\nDevicePolicy=strict\nId=docker-a.scope\n"
    machine.answers["systemctl show --property Id,ControlGroup"] = scope
    engine = Engine()
    engine.systemd = systemd

    assert checks(machine, gpus, engine)[-1] == Check("reload", not systemd, message)


def test_engine_without_the_settings_fails(machine: FakeMachine, gpus: list[Gpu]) -> None:
    engine = Engine()
    engine.differs = "the default runtime is runc"

    assert checks(machine, gpus, engine)[3] == Check(
        "runtime", False, "the default runtime is runc"
    )


@pytest.mark.parametrize(
    ("result", "is_passed", "message"),
    [
        (CommandResult(0, "first\nTesla T4\n", "warning"), True, "Tesla T4"),
        (CommandResult(0, "", ""), True, "ended with 0"),
        (CommandResult(1, "out", "pull\nno such image\n"), False, "no such image"),
        (CommandResult(1, "out\n", ""), False, "out"),
        (CommandResult(125, "", ""), False, "ended with 125"),
    ],
)
def test_container_shows_the_last_line_of_its_command(
    machine: FakeMachine,
    gpus: list[Gpu],
    result: CommandResult,
    is_passed: bool,
    message: str,
) -> None:
    machine.answers["ctr"] = result
    check = checks(machine, gpus, Engine(), image="img:1", command="nvidia-smi -L 'a b'")[-1]

    assert check == Check("container", is_passed, message)
    assert machine.commands[-1] == [
        "ctr", RUNTIME, "img:1", "nvidia-smi", "-L", "a b",
    ]  # fmt: skip


def test_container_of_docker_has_the_runtime(machine: FakeMachine, gpus: list[Gpu]) -> None:
    checks(machine, gpus, Docker(machine, "/nowhere"), image="img:1", command="nvidia-smi")

    assert machine.commands[-1] == [
        "docker", "run", "--rm", "--runtime", "nvidia", "img:1", "nvidia-smi",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "is_passed", "message"),
    [
        (offer("2"), True, "2 nvidia.com/gpu allocatable"),
        (offer("0"), False, "node NODE offers no nvidia.com/gpu"),
        ("{}", False, "node NODE offers no nvidia.com/gpu"),
        (CommandResult(1, "", "x\nrefused\n"), False, "kubectl ended with 1: refused"),
    ],
)  # fmt: skip
def test_node_must_offer_the_gpu(
    machine: FakeMachine,
    gpus: list[Gpu],
    answer: str | CommandResult,
    is_passed: bool,
    message: str,
) -> None:
    """A failing kubectl is a failed check, not the end of the action."""
    machine.write("/root/.kube/config", "x")
    machine.answers["/snap/bin/kubectl"] = answer
    check = checks(machine, gpus, Engine())[-1]
    name = machine.commands[-1][5]

    assert check == Check("node", is_passed, message.replace("NODE", name))
    assert machine.commands[-1][3:5] == ["get", "node"]


def test_node_that_the_models_proxy_hides_is_a_failed_check(
    machine: FakeMachine, gpus: list[Gpu], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other checks of the action have their results all the same."""

    def fail(_: object) -> str:
        raise ProxyError("https", "https://10.0.0.9:3128")

    machine.write("/root/.kube/config", "x")
    monkeypatch.setattr("nvidia_runtime.verify.Node.allocatable", fail)
    check = checks(machine, gpus, Engine())[-1]

    assert (check.name, check.ok) == ("node", False)
    assert check.message.startswith("model setting juju-https-proxy: ")


def test_fabric_is_checked_once_the_driver_answers(machine: FakeMachine, gpus: list[Gpu]) -> None:
    """The check changes nothing: a stopped fabric manager stays stopped."""
    machine.answers["nv-fabricmanager --version"] = "Fabric Manager version is : 450.51.06\n"
    state = "systemctl show --property ActiveState"
    machine.answers[state] = "ActiveState=active\n"
    subject = Subject(machine, gpus, None, SETTINGS, "auto", fabric=Fabric(6, 0))
    message = "fabric manager 450.51.06, all GPUs have joined"
    assert run_checks(subject, VerifyParams())[2] == Check("fabric", True, message)

    machine.answers[state] = "ActiveState=failed\n"
    check = run_checks(subject, VerifyParams())[2]
    assert (check.name, check.ok) == ("fabric", False)
    assert check.message.startswith("the fabric manager does not run: ")
    assert not machine.ran("systemctl start")
    assert not machine.ran("systemctl enable")

    machine.answers[LIST] = CommandResult(9, "", "")
    assert [check.name for check in run_checks(subject, VerifyParams())] == [
        "device", "driver", "toolkit", "engine",
    ]  # fmt: skip


def test_page_names_every_check() -> None:
    """The page of the charm says what stands behind the status `active`."""
    root = Path(__file__).resolve().parents[3]
    page = (root / "docs/charms/nvidia-runtime.md").read_text(encoding="utf-8")
    source = Path(verify.__file__).read_text(encoding="utf-8")
    names = set(re.findall(r'Check\(\s*"([a-z-]+)"', source))

    assert names >= {"device", "driver", "fabric", "node"}
    table = page.partition("## Active means")[2].partition("\n## ")[0]
    assert {name for name in names if f"`{name}`" not in table} == set()
