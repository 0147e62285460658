"""Find out which engine a machine runs."""

from typing import Optional

from labcharm.machine import Machine
from nvidia_runtime.engine.base import Engine
from nvidia_runtime.engine.containerd import Containerd
from nvidia_runtime.engine.docker import Docker


def find_engine(machine: Machine, source: str) -> Optional[Engine]:
    """Return the engine that the machine's principal runs; None while it has installed none.

    docker brings a containerd of its own, so docker is the engine of a machine that has both.
    """
    for kind in (Docker, Containerd):
        engine = kind(machine, source)
        if engine.unit().is_loaded:
            return engine
    return None
