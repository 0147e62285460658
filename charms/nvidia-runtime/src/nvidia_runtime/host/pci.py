"""The machine's PCI devices, from sysfs."""

import os
from typing import List, NamedTuple

from labcharm.machine import Machine

NVIDIA = "0x10de"


class PciDevice(NamedTuple):
    """A PCI device.

    Attributes:
        address: Its address.
        vendor: The id of its vendor.
        device: The vendor's id of the kind of device.
        kind: Its class.
        directory: Its directory in sysfs, as a real path.
    """

    address: str
    vendor: str
    device: str
    kind: str
    directory: str

    @property
    def driver(self) -> str:
        """The name of the kernel driver that is bound to it; empty without one."""
        link = os.path.join(self.directory, "driver")
        return os.path.basename(os.readlink(link)) if os.path.islink(link) else ""

    @property
    def is_passed_through(self) -> bool:
        """Whether it belongs to a virtual machine."""
        return self.driver.startswith("vfio") or self.driver in ("pci-stub", "pciback")

    def line(self, name: str) -> str:
        """Return the text of one of its files in sysfs; empty when it cannot be read."""
        return _line(self.directory, name)

    def content(self, name: str) -> bytes:
        """Return the content of one of its files in sysfs; empty when it cannot be read."""
        try:
            with open(os.path.join(self.directory, name), "rb") as file:
                return file.read()
        except OSError:
            return b""


def list_devices(machine: Machine, sysfs: str = "/sys") -> List[PciDevice]:
    """List the devices by address.

    Args:
        machine: The machine.
        sysfs: The directory where sysfs is mounted on it.
    """
    directory = machine.path(f"{sysfs}/bus/pci/devices")
    if not os.path.isdir(directory):
        return []
    return [_device(directory, address) for address in sorted(os.listdir(directory))]


def _device(directory: str, address: str) -> PciDevice:
    path = os.path.join(directory, address)
    return PciDevice(
        address, _line(path, "vendor"), _line(path, "device"), _line(path, "class"), path
    )


def _line(directory: str, name: str) -> str:
    try:
        with open(os.path.join(directory, name)) as file:
            return file.read().strip()
    except OSError:
        return ""
