"""The command line of the program that systemd runs before it starts docker or containerd."""

import functools
import os
import sys
from typing import List

from labcharm.machine import Machine
from reconciler import containerd, docker
from reconciler.device_links import create_links
from reconciler.installation import DISTRIBUTION, K8S_SNAP
from reconciler.settings import read_settings

_RECONCILERS = {
    "docker": docker.reconcile,
    **{
        installation.name: functools.partial(containerd.reconcile, installation=installation)
        for installation in (DISTRIBUTION, K8S_SNAP)
    },
}


def main(argv: List[str]) -> int:
    """Reconcile the configuration of the named engine.

    The exit status is always 0, because no fault of this program may keep the engine from
    starting.
    """
    machine = Machine(os.environ.get("NVIDIA_RUNTIME_ROOT", ""))
    reconcile = _RECONCILERS.get(argv[0]) if argv else None
    settings = read_settings(machine)
    if reconcile is None or settings is None:
        print("nvidia-runtime: nothing to do", file=sys.stderr)
        return 0
    outcome = reconcile(machine, settings, os.environ)
    for problem in outcome.problems:
        print(f"nvidia-runtime: {problem}", file=sys.stderr)
    create_links(machine)
    return 0
