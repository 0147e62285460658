"""The machine's NVIDIA GPUs and what each is used for, from sysfs and procfs alone."""

import os
from typing import Dict, List, NamedTuple

from labcharm.machine import Machine
from nvidia_runtime.host.pci import NVIDIA, PciDevice, list_devices

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
    return [
        _gpu(machine, device)
        for device in list_devices(machine, sysfs)
        if device.vendor == NVIDIA and device.kind.startswith(DISPLAY)
    ]


def usable(gpus: List[Gpu]) -> List[Gpu]:
    """Return the GPUs that containers of this machine can use."""
    return [gpu for gpu in gpus if gpu.is_usable]


def as_dictionaries(gpus: List[Gpu]) -> List[Dict[str, str]]:
    """Return the GPUs as the action list-gpus prints them."""
    return [dict(gpu._asdict()) for gpu in gpus]


def _gpu(machine: Machine, device: PciDevice) -> Gpu:
    use = _use(machine, device)
    return Gpu(device.address, device.device, device.kind, device.driver, use)


def _use(machine: Machine, device: PciDevice) -> str:
    if device.is_passed_through:
        return PASSTHROUGH
    if os.path.isdir(os.path.join(device.directory, "mdev_supported_types")):
        return VGPU
    if device.line("sriov_numvfs") not in ("", "0"):
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
