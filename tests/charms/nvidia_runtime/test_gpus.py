"""GPUs out of faked trees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from nvidia_runtime.host.gpus import find_gpus, usable
from nvidia_runtime.host.node import REQUEST, Reboot, request_reboot

DEVICE = "/sys/bus/pci/devices/0000:0b:00.0"


def put(machine: FakeMachine, **files: str) -> None:
    """Write a device."""
    base = {"vendor": "0x10de", "class": "0x030200", "device": "0x1eb8"}
    for name, text in {**base, **files}.items():
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
def test_only_display_devices_of_nvidia_count(
    machine: FakeMachine, files: dict[str, str], count: int
) -> None:
    """By class and vendor, never by a name."""
    put(machine, **files)

    assert len(find_gpus(machine)) == count


@pytest.mark.parametrize(
    ("files", "use", "ours"),
    [
        ({}, "plain", 1),
        ({"mdev_supported_types/nvidia-1/name": "x"}, "vgpu", 0),
        ({"sriov_numvfs": "4"}, "vgpu", 0),
    ],
)
def test_vgpu_hosts_are_left_alone(
    machine: FakeMachine, files: dict[str, str], use: str, ours: int
) -> None:
    """Such a GPU belongs to virtual machines."""
    put(machine, **files)
    found = find_gpus(machine)

    assert [gpu.use for gpu in found] == [use]
    assert len(usable(found)) == ours


def test_passthrough_is_left_alone(machine: FakeMachine) -> None:
    """A device bound to vfio-pci is a virtual machine's."""
    put(machine)
    drivers = machine.path("/sys/bus/pci/drivers/vfio-pci")
    machine.write("/sys/bus/pci/drivers/vfio-pci/bind", "")
    Path(machine.path(DEVICE + "/driver")).symlink_to(drivers)

    assert [gpu.use for gpu in find_gpus(machine)] == ["passthrough"]


def test_mig_is_seen(machine: FakeMachine) -> None:
    """GPU instances exist; containers use them, and nothing is changed about them."""
    put(machine)
    machine.write("/proc/driver/nvidia/capabilities/gpu0/mig/gi1/access", "")

    assert [gpu.use for gpu in find_gpus(machine)] == ["mig"]


def test_a_reboot_is_asked_for_once(machine: FakeMachine) -> None:
    """Due until the machine has another boot id; then it is done with, and uncordoned."""
    machine.write("/proc/sys/kernel/random/boot_id", "one\n")
    request_reboot(machine, drain=True)
    assert Reboot(machine).is_due()

    machine.write("/root/.kube/config", "x")
    machine.answers["/snap/bin/kubectl"] = "--delete-emptydir-data"
    Reboot(machine).prepare()
    assert json.loads(machine.read(REQUEST) or "")["drained"] is True
    assert any("drain" in text and "--delete-emptydir-data" in text for text in
               machine.ran("/snap/bin/kubectl"))  # fmt: skip

    machine.write("/proc/sys/kernel/random/boot_id", "two\n")
    assert Reboot(machine).has_happened()
    Reboot(machine).finish()
    assert machine.read(REQUEST) is None
    assert any("uncordon" in text for text in machine.ran("/snap/bin/kubectl"))
