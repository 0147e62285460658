"""What the action `verify` looks at."""

import shlex
from typing import List, Optional

from labcharm.machine import CommandError, Machine
from labcharm.verify import Check
from labkube.client.api import ApiError
from nvidia_runtime.engine import Docker, Engine
from nvidia_runtime.host import driver
from nvidia_runtime.host.gpus import Gpu, usable
from nvidia_runtime.host.node import Node
from reconciler.settings import NAME, Wish, find_program


def run_checks(
    machine: Machine,
    gpus: List[Gpu],
    engine: Optional[Engine],
    wish: Wish,
    policy: str,
    image: str = "",
    command: str = "",
) -> List[Check]:
    """Check what is there to be checked; on a machine without a GPU that is all there is."""
    ours = usable(gpus)
    if not ours:
        return [Check("device", True, "no GPU for containers of this machine")]
    checks = [Check("device", True, "%d GPU(s)" % len(ours))]
    if policy != "none":
        checks.append(_driver(machine))
    checks.append(_toolkit(machine, wish))
    if engine is None:
        return [*checks, Check("engine", False, "neither docker nor containerd is installed")]
    checks += _engine(engine, wish)
    if image:
        checks.append(_container(machine, engine, wish, image, command))
    node = Node(machine)
    return checks + ([_node(node)] if node.kubeconfig else [])


def _driver(machine: Machine) -> Check:
    state = driver.read_state(machine)
    if not state.loaded:
        return Check("driver", False, "no NVIDIA driver is loaded")
    result = machine.run(["nvidia-smi", "-L"], timeout=60)
    words = (result.err or result.out).strip().splitlines()
    failure = "nvidia-smi ended with %d: %s" % (result.code, words[-1] if words else "no output")
    return Check("driver", result.code == 0, state.loaded if result.code == 0 else failure)


def _toolkit(machine: Machine, wish: Wish) -> Check:
    found = find_program(machine, wish.path)
    return Check("toolkit", bool(found), found or "%s is not there" % wish.path)


def _engine(engine: Engine, wish: Wish) -> List[Check]:
    active = engine.unit().active == "active"
    told = "%s is active" % engine.name if active else engine.last_error()
    checks = [Check("engine", active, told or "%s is not active" % engine.name)]
    right = active and engine.runs_as_wished(wish)
    what = "runtime %s, %s" % (NAME, "the default" if wish.default else "not the default")
    checks.append(
        Check("runtime", right, what if right else "%s does not have: %s" % (engine.name, what))
    )
    kept = engine.installed()
    message = "kept at every start" if kept else "the drop-in of this charm is not in place"
    return [*checks, Check("drop-in", kept, message)]


def _container(machine: Machine, engine: Engine, wish: Wish, image: str, command: str) -> Check:
    if not isinstance(engine, Docker):
        run = ["ctr", "--namespace", "k8s.io", "run", "--rm", "--runc-binary", wish.path]
        run += [image, "nvidia-runtime-verify"]
    else:
        run = ["docker", "run", "--rm", "--runtime", NAME, image]
    result = machine.run(run + shlex.split(command), timeout=300)
    words = (result.out if result.code == 0 else result.err or result.out).strip().splitlines()
    return Check(
        "container", result.code == 0, words[-1] if words else "ended with %d" % result.code
    )


def _node(node: Node) -> Check:
    try:
        amount = node.allocatable()
    except (CommandError, ApiError) as error:
        return Check("node", False, str(error))
    right = amount not in ("", "0")
    told = (
        "%s nvidia.com/gpu allocatable" % amount if right else "node %s offers no nvidia.com/gpu"
    )
    return Check("node", right, told if right else told % node.name)
