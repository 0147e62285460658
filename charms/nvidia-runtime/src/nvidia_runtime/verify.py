"""The checks of the action `verify`."""

import shlex
from typing import List, NamedTuple, Optional

from labcharm.errors import CharmError
from labcharm.machine import CommandResult, Machine
from labcharm.verify import Check
from nvidia_runtime.cluster.node import Node
from nvidia_runtime.engine.base import Engine
from nvidia_runtime.engine.reloads import Reloads
from nvidia_runtime.host import health
from nvidia_runtime.host.fabric import Fabric, FabricManager
from nvidia_runtime.host.gpus import Gpu, usable
from nvidia_runtime.host.kernel_modules import load_module
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.host.versions import read_versions
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
        engine: Its engine; None where the charm cannot configure one.
        settings: The runtime as the options ask for it.
        driver_policy: The option `driver`.
        engine_problem: Why there is no engine.
        fabric: The machine's NVSwitches.
    """

    machine: Machine
    gpus: List[Gpu]
    engine: Optional[Engine]
    settings: RuntimeSettings
    driver_policy: str
    engine_problem: str = ""
    fabric: Fabric = Fabric(0, 0)


def run_checks(subject: Subject, params: VerifyParams) -> List[Check]:
    """Check the GPUs and all that containers need to use them; without a GPU, only that."""
    machine, engine = subject.machine, subject.engine
    gpus = usable(subject.gpus)
    if not gpus:
        return [Check("device", True, "no GPU that containers of this machine can use")]
    checks = [Check("device", True, f"{len(gpus)} GPU(s)")]
    if subject.driver_policy != "none":
        checks.append(_check_driver(machine, gpus))
        if checks[-1].ok and subject.fabric.exists:
            checks.append(_check_fabric(machine, subject.fabric))
    checks.append(_check_toolkit(machine, subject.settings))
    if engine is None:
        return [*checks, Check("engine", False, subject.engine_problem)]
    checks += _check_engine(engine, subject.settings)
    checks.append(_check_reload(machine, engine))
    if params.image:
        checks.append(_check_container(machine, engine, subject.settings, params))
    node = Node(machine)
    return checks + ([_check_node(node)] if node.kubeconfig else [])


def _check_driver(machine: Machine, gpus: List[Gpu]) -> Check:
    """Check that nvidia-smi lists all GPUs, and give the reason of the status if it does not."""
    message = "" if read_versions(machine).module else load_module(machine)
    try:
        health.check(machine, Apt(machine), gpus, message)
    except CharmError as error:
        return Check("driver", False, str(error))
    return Check("driver", True, read_versions(machine).module)


def _check_fabric(machine: Machine, fabric: Fabric) -> Check:
    manager = FabricManager(machine, Apt(machine), may_change=False)
    error = manager.reconcile(fabric, read_versions(machine).module)
    message = f"fabric manager {manager.version()}, all GPUs have joined"
    return Check("fabric", error is None, message if error is None else str(error))


def _check_toolkit(machine: Machine, settings: RuntimeSettings) -> Check:
    path = find_program(machine, settings.path)
    return Check("toolkit", bool(path), path or f"{settings.path} does not exist")


def _check_engine(engine: Engine, settings: RuntimeSettings) -> List[Check]:
    is_active = engine.unit().state == "active"
    message = f"{engine.name} is active" if is_active else engine.last_error()
    checks = [Check("engine", is_active, message or f"{engine.name} is not active")]
    difference = engine.difference(settings) if is_active else f"{engine.name} is not active"
    default = "the default" if settings.is_default else "not the default"
    message = difference or f"runtime {RUNTIME_NAME}, {default}"
    checks.append(Check("runtime", not difference, message))
    is_installed = engine.is_installed()
    message = "applied at every start" if is_installed else "this charm's drop-in is not in place"
    return [*checks, Check("drop-in", is_installed, message)]


def _check_reload(machine: Machine, engine: Engine) -> Check:
    """Check that `systemctl daemon-reload` does not take the GPUs from containers."""
    if not engine.uses_systemd_cgroups():
        return Check("reload", True, "the cgroups of containers are not systemd's")
    problem = Reloads(machine).problem()
    return Check("reload", not problem, problem or "containers keep GPUs when systemd is reloaded")


def _check_container(
    machine: Machine, engine: Engine, settings: RuntimeSettings, params: VerifyParams
) -> Check:
    try:
        words = shlex.split(params.command)
    except ValueError as error:
        return Check("container", False, f"parameter command: {error}; close each quote")
    command = engine.container_command(settings, params.image)
    result = machine.run(command + words, timeout=300)
    return Check("container", result.code == 0, _last_line(result))


def _last_line(result: CommandResult) -> str:
    output = result.out if result.code == 0 else result.err or result.out
    lines = output.strip().splitlines()
    return lines[-1] if lines else f"ended with {result.code}"


def _check_node(node: Node) -> Check:
    try:
        amount = node.allocatable()
    except CharmError as error:
        return Check("node", False, str(error))
    if amount in ("", "0"):
        return Check("node", False, f"node {node.name} offers no nvidia.com/gpu")
    return Check("node", True, f"{amount} nvidia.com/gpu allocatable")
