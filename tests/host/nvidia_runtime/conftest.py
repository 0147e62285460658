"""Machines with a GPU, and the charm nvidia-runtime on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpers.host.docker_worker import SYSFS, add_gpu, add_runtime
from helpers.host.machines import Machine
from helpers.host.units import UnitOn


@pytest.fixture
def worker(machine: Machine) -> Machine:
    """Give the machine a GPU and a stand-in for NVIDIA's runtime."""
    add_gpu(machine)
    add_runtime(machine)
    return machine


@pytest.fixture
def unit(worker: Machine, place: Callable[..., UnitOn]) -> UnitOn:
    """Put the charm on the worker; the driver is not tested."""
    return place("nvidia-runtime", NVIDIA_RUNTIME_SYSFS=SYSFS).configure(driver="none")
