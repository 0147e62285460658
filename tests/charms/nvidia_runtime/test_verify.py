"""The checks of the action `verify`, with a scripted machine and engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.machine import CommandResult
from labcharm.verify import Check
from nvidia_runtime.engine.docker import Docker
from nvidia_runtime.host.gpus import Gpu, find_gpus
from nvidia_runtime.verify import Subject, VerifyParams, run_checks
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
SETTINGS = RuntimeSettings(RUNTIME, (), True)
MODULE = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  450.51.06  Sun Jul\n"


def offer(amount: str) -> str:
    """Return what kubectl prints of a node."""
    return f'{{"status": {{"allocatable": {{"nvidia.com/gpu": "{amount}"}}}}}}'


class Engine:
    """An engine that is active and has the settings, unless a test says otherwise."""

    name = "containerd"
    state = "active"
    has = True
    installed = True
    error = ""

    def unit(self) -> SimpleNamespace:
        """Return the state of its unit."""
        return SimpleNamespace(state=self.state)

    def last_error(self) -> str:
        """Return what its journal has."""
        return self.error

    def has_settings(self, settings: RuntimeSettings) -> bool:
        """Return whether the daemon has these settings."""
        assert settings.path == RUNTIME
        return self.has

    def is_installed(self) -> bool:
        """Return whether the drop-in is in place."""
        return self.installed


@pytest.fixture
def gpus(machine: FakeMachine) -> list[Gpu]:
    """Give the machine a GPU, its driver and the runtime; return the GPU."""
    directory = "/sys/bus/pci/devices/0000:0b:00.0"
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x1eb8")):
        machine.write(f"{directory}/{name}", f"{text}\n")
    machine.write("/proc/driver/nvidia/version", MODULE)
    machine.write(RUNTIME, "")
    return find_gpus(machine)


def checks(machine: FakeMachine, gpus: list[Gpu], engine: Any, **params: str) -> list[Check]:
    """Return the checks after that of the device."""
    subject = Subject(machine, gpus, engine, SETTINGS, "auto")
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
    ]
    assert machine.commands == [["nvidia-smi", "-L"]]


def test_driver_policy_none_skips_the_driver(machine: FakeMachine, gpus: list[Gpu]) -> None:
    subject = Subject(machine, gpus, None, SETTINGS, "none")

    assert [check.name for check in run_checks(subject, VerifyParams())] == [
        "device", "toolkit", "engine",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (CommandResult(9, "", "a\nno devices\n"), "nvidia-smi ended with 9: no devices"),
        (CommandResult(9, "on stdout\n", ""), "nvidia-smi ended with 9: on stdout"),
        (CommandResult(9, "", ""), "nvidia-smi ended with 9: no output"),
    ],
)
def test_driver_that_does_not_answer_fails(
    machine: FakeMachine, gpus: list[Gpu], result: CommandResult, message: str
) -> None:
    machine.answers["nvidia-smi"] = result
    assert checks(machine, gpus, Engine())[0] == Check("driver", False, message)


def test_missing_parts_fail_with_their_reasons(machine: FakeMachine, gpus: list[Gpu]) -> None:
    machine.remove("/proc/driver/nvidia/version")
    machine.remove(RUNTIME)

    assert checks(machine, gpus, None) == [
        Check("driver", False, "no NVIDIA driver is loaded"),
        Check("toolkit", False, f"{RUNTIME} does not exist"),
        Check("engine", False, "neither docker nor containerd is installed"),
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
        Check("runtime", False, "containerd does not have: runtime nvidia, the default"),
        Check("drop-in", False, "this charm's drop-in is not in place"),
    ]


def test_engine_without_the_settings_fails(machine: FakeMachine, gpus: list[Gpu]) -> None:
    engine = Engine()
    engine.has = False
    settings = SETTINGS._replace(is_default=False)
    subject = Subject(machine, gpus, engine, settings, "none")  # type: ignore[arg-type]

    assert run_checks(subject, VerifyParams())[3] == Check(
        "runtime", False, "containerd does not have: runtime nvidia, not the default"
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
        "ctr", "--namespace", "k8s.io", "run", "--rm", "--runc-binary", RUNTIME, "img:1",
        "nvidia-runtime-verify", "nvidia-smi", "-L", "a b",
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
