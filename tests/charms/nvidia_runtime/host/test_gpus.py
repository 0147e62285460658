"""The GPUs of faked device trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from nvidia_runtime.host.gpus import find_gpus, usable

DEVICE = "/sys/bus/pci/devices/0000:0b:00.0"


def add_device(machine: FakeMachine, **files: str) -> None:
    """Add a PCI device; by default it is an NVIDIA GPU."""
    defaults = {"vendor": "0x10de", "class": "0x030200", "device": "0x1eb8"}
    for name, text in {**defaults, **files}.items():
        machine.write(f"{DEVICE}/{name}", text + "\n")


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 1),
        ({"class": "0x030000"}, 1),
        ({"class": "0x040300"}, 0),  # the GPU's own sound device
        ({"vendor": "0x1002"}, 0),
    ],
)
def test_only_nvidia_display_devices_count(
    machine: FakeMachine, files: dict[str, str], count: int
) -> None:
    """GPUs are recognized by vendor and PCI class."""
    add_device(machine, **files)

    assert len(find_gpus(machine)) == count


@pytest.mark.parametrize(
    ("files", "use", "usable_count"),
    [
        ({}, "plain", 1),
        ({"mdev_supported_types/nvidia-1/name": "x"}, "vgpu", 0),
        ({"sriov_numvfs": "4"}, "vgpu", 0),
    ],
)
def test_gpu_of_a_vgpu_host_is_not_usable(
    machine: FakeMachine, files: dict[str, str], use: str, usable_count: int
) -> None:
    """Such a GPU belongs to virtual machines."""
    add_device(machine, **files)
    gpus = find_gpus(machine)

    assert [gpu.use for gpu in gpus] == [use]
    assert len(usable(gpus)) == usable_count


def test_gpu_bound_to_vfio_is_passed_through(machine: FakeMachine) -> None:
    """A device that is bound to vfio-pci belongs to a virtual machine."""
    add_device(machine)
    machine.write("/sys/bus/pci/drivers/vfio-pci/bind", "")
    driver = machine.path("/sys/bus/pci/drivers/vfio-pci")
    Path(machine.path(f"{DEVICE}/driver")).symlink_to(driver)

    assert [gpu.use for gpu in find_gpus(machine)] == ["passthrough"]


def test_gpu_with_instances_is_mig(machine: FakeMachine) -> None:
    """Containers use the GPU instances; the charm changes nothing about them."""
    add_device(machine)
    machine.write("/proc/driver/nvidia/capabilities/gpu0/mig/gi1/access", "")

    assert [gpu.use for gpu in find_gpus(machine)] == ["mig"]
