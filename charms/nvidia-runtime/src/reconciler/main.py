"""The program that systemd runs before it starts docker or containerd."""

import os
import sys
from typing import List

from labcharm.machine import Machine
from reconciler.settings import read_wish

from . import containerd, docker

_ENGINES = {"docker": docker.reconcile, "containerd": containerd.reconcile}


def main(argv: List[str]) -> int:
    """Reconcile the engine that is named; whatever happens, it must not keep it from starting."""
    machine = Machine(os.environ.get("NVIDIA_RUNTIME_ROOT", ""))
    engine = _ENGINES.get(argv[0]) if argv else None
    wish = read_wish(machine)
    if engine is None or wish is None:
        print("nvidia-runtime: nothing to do", file=sys.stderr)
        return 0
    outcome = engine(machine, wish, os.environ)
    for problem in outcome.problems:
        print("nvidia-runtime: %s" % problem, file=sys.stderr)
    return 0
