"""The machine's NVIDIA GPUs and what each is used for, from sysfs and procfs alone."""

import os
from typing import Dict, List, NamedTuple, Optional

from labcharm.machine import Machine

NVIDIA = "0x10de"
DISPLAY = "0x03"  # PCI class 03xx: VGA, 3D and other display controllers
# The uses of a GPU. Containers of this machine can use the first two.
PLAIN, MIG, PASSTHROUGH, VGPU = "plain", "mig", "passthrough", "vgpu"


class Gpu(NamedTuple):
    """A GPU.

    Attributes:
        address: Its PCI address.
        device: Its PCI device id.
        kind: Its PCI class.
        driver: The name of the kernel driver that is bound to it; empty without one.
        use: What it is used for: one of PLAIN, MIG, PASSTHROUGH and VGPU.
    """

    address: str
    device: str
    kind: str
    driver: str
    use: str

    @property
    def is_usable(self) -> bool:
        """Whether containers of this machine can use it."""
        return self.use in (PLAIN, MIG)


def find_gpus(machine: Machine, sysfs: str = "/sys") -> List[Gpu]:
    """List the GPUs by PCI address.

    Args:
        machine: The machine.
        sysfs: The directory where sysfs is mounted on it.
    """
    directory = machine.path(f"{sysfs}/bus/pci/devices")
    if not os.path.isdir(directory):
        return []
    gpus = (_gpu(machine, directory, address) for address in sorted(os.listdir(directory)))
    return [gpu for gpu in gpus if gpu is not None]


def usable(gpus: List[Gpu]) -> List[Gpu]:
    """Return the GPUs that containers of this machine can use."""
    return [gpu for gpu in gpus if gpu.is_usable]


def as_dictionaries(gpus: List[Gpu]) -> List[Dict[str, str]]:
    """Return the GPUs as the action list-gpus prints them."""
    return [dict(gpu._asdict()) for gpu in gpus]


def _gpu(machine: Machine, directory: str, address: str) -> Optional[Gpu]:
    device = os.path.join(directory, address)
    kind = _line(device, "class")
    if _line(device, "vendor") != NVIDIA or not kind.startswith(DISPLAY):
        return None
    link = os.path.join(device, "driver")
    driver = os.path.basename(os.readlink(link)) if os.path.islink(link) else ""
    return Gpu(address, _line(device, "device"), kind, driver, _use(machine, device, driver))


def _use(machine: Machine, device: str, driver: str) -> str:
    if driver.startswith("vfio") or driver in ("pci-stub", "pciback"):
        return PASSTHROUGH
    if os.path.isdir(os.path.join(device, "mdev_supported_types")):
        return VGPU
    if _line(device, "sriov_numvfs") not in ("", "0"):
        return VGPU
    return MIG if _has_mig(machine) else PLAIN


def _has_mig(machine: Machine) -> bool:
    """Return whether any GPU instance exists; the driver lists them as gpuN/mig/giM."""
    directory = machine.path("/proc/driver/nvidia/capabilities")
    if not os.path.isdir(directory):
        return False
    instances = (os.path.join(directory, name, "mig") for name in os.listdir(directory))
    return any(
        entry.startswith("gi")
        for instance in instances
        if os.path.isdir(instance)
        for entry in os.listdir(instance)
    )


def _line(directory: str, name: str) -> str:
    try:
        with open(os.path.join(directory, name)) as file:
            return file.read().strip()
    except OSError:
        return ""
