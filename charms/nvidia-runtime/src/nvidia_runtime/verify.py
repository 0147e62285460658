"""The checks of the action `verify`."""

import shlex
from typing import List, NamedTuple, Optional

from labcharm.machine import CommandError, CommandResult, Machine
from labcharm.verify import Check
from labkube.client.api import ApiError
from nvidia_runtime.cluster.node import Node
from nvidia_runtime.engine.base import Engine
from nvidia_runtime.engine.docker import Docker
from nvidia_runtime.host import driver
from nvidia_runtime.host.gpus import Gpu, usable
from reconciler.settings import RUNTIME_NAME, RuntimeSettings, find_program


class VerifyParams(NamedTuple):
    """The action's parameters.

    Attributes:
        image: The image of the container to run; empty to run none.
        command: The command that the container runs.
    """

    image: str = ""
    command: str = ""


class Subject(NamedTuple):
    """The parts of the machine that are checked.

    Attributes:
        machine: The machine.
        gpus: Its GPUs.
        engine: Its engine; None while none is installed.
        settings: The runtime as the options ask for it.
        driver_policy: The option `driver`.
    """

    machine: Machine
    gpus: List[Gpu]
    engine: Optional[Engine]
    settings: RuntimeSettings
    driver_policy: str


def run_checks(subject: Subject, params: VerifyParams) -> List[Check]:
    """Check the GPUs and all that containers need to use them; without a GPU, only that."""
    machine, engine = subject.machine, subject.engine
    gpus = usable(subject.gpus)
    if not gpus:
        return [Check("device", True, "no GPU that containers of this machine can use")]
    checks = [Check("device", True, f"{len(gpus)} GPU(s)")]
    if subject.driver_policy != "none":
        checks.append(_check_driver(machine))
    checks.append(_check_toolkit(machine, subject.settings))
    if engine is None:
        return [*checks, Check("engine", False, "neither docker nor containerd is installed")]
    checks += _check_engine(engine, subject.settings)
    if params.image:
        checks.append(_check_container(machine, engine, subject.settings, params))
    node = Node(machine)
    return checks + ([_check_node(node)] if node.kubeconfig else [])


def _check_driver(machine: Machine) -> Check:
    version = driver.read_versions(machine).module
    if not version:
        return Check("driver", False, "no NVIDIA driver is loaded")
    result = machine.run(["nvidia-smi", "-L"], timeout=60)
    if result.code == 0:
        return Check("driver", True, version)
    output = (result.err or result.out).strip() or "no output"
    message = f"nvidia-smi ended with {result.code}: {output.splitlines()[-1]}"
    return Check("driver", False, message)


def _check_toolkit(machine: Machine, settings: RuntimeSettings) -> Check:
    path = find_program(machine, settings.path)
    return Check("toolkit", bool(path), path or f"{settings.path} does not exist")


def _check_engine(engine: Engine, settings: RuntimeSettings) -> List[Check]:
    is_active = engine.unit().state == "active"
    message = f"{engine.name} is active" if is_active else engine.last_error()
    checks = [Check("engine", is_active, message or f"{engine.name} is not active")]
    has_settings = is_active and engine.has_settings(settings)
    default = "the default" if settings.is_default else "not the default"
    expected = f"runtime {RUNTIME_NAME}, {default}"
    message = expected if has_settings else f"{engine.name} does not have: {expected}"
    checks.append(Check("runtime", has_settings, message))
    is_installed = engine.is_installed()
    message = "applied at every start" if is_installed else "this charm's drop-in is not in place"
    return [*checks, Check("drop-in", is_installed, message)]


def _check_container(
    machine: Machine, engine: Engine, settings: RuntimeSettings, params: VerifyParams
) -> Check:
    if isinstance(engine, Docker):
        command = ["docker", "run", "--rm", "--runtime", RUNTIME_NAME, params.image]
    else:
        command = ["ctr", "--namespace", "k8s.io", "run", "--rm", "--runc-binary", settings.path]
        command += [params.image, "nvidia-runtime-verify"]
    result = machine.run(command + shlex.split(params.command), timeout=300)
    return Check("container", result.code == 0, _last_line(result))


def _last_line(result: CommandResult) -> str:
    output = result.out if result.code == 0 else result.err or result.out
    lines = output.strip().splitlines()
    return lines[-1] if lines else f"ended with {result.code}"


def _check_node(node: Node) -> Check:
    try:
        amount = node.allocatable()
    except (CommandError, ApiError) as error:
        return Check("node", False, str(error))
    if amount in ("", "0"):
        return Check("node", False, f"node {node.name} offers no nvidia.com/gpu")
    return Check("node", True, f"{amount} nvidia.com/gpu allocatable")
