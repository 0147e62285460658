"""Which NVIDIA GPUs a machine has, and what each is used for: from sysfs and procfs alone."""

import os
from typing import Any, Dict, List, NamedTuple, Optional

from labcharm.machine import Machine

NVIDIA = "0x10de"
DISPLAY = "0x03"  # PCI class 03xx: VGA, 3D and other display controllers
# What a GPU is used for. Only the first two are for containers of this machine.
PLAIN, MIG, PASSTHROUGH, VGPU = "plain", "mig", "passthrough", "vgpu"

Gpu = NamedTuple(
    "Gpu", [("address", str), ("device", str), ("kind", str), ("driver", str), ("use", str)]
)


def find_gpus(machine: Machine, sysfs: str = "/sys") -> List[Gpu]:
    """List the GPUs by PCI address.

    Args:
        machine: Where to look.
        sysfs: Where sysfs is mounted there.
    """
    folder = machine.path(sysfs + "/bus/pci/devices")
    if not os.path.isdir(folder):
        return []
    found = (_gpu(machine, folder, address) for address in sorted(os.listdir(folder)))
    return [gpu for gpu in found if gpu is not None]


def usable(gpus: List[Gpu]) -> List[Gpu]:
    """Return the GPUs that containers of this machine can use."""
    return [gpu for gpu in gpus if gpu.use in (PLAIN, MIG)]


def as_data(gpus: List[Gpu]) -> List[Dict[str, Any]]:
    """Return GPUs as plain data."""
    return [dict(gpu._asdict()) for gpu in gpus]


def _gpu(machine: Machine, folder: str, address: str) -> Optional[Gpu]:
    device = os.path.join(folder, address)
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
    """Tell whether any GPU instance exists (the driver lists them as gpuN/mig/giM)."""
    folder = machine.path("/proc/driver/nvidia/capabilities")
    if not os.path.isdir(folder):
        return False
    for name in os.listdir(folder):
        inner = os.path.join(folder, name, "mig")
        if os.path.isdir(inner) and any(entry.startswith("gi") for entry in os.listdir(inner)):
            return True
    return False


def _line(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name)) as file:
            return file.read().strip()
    except OSError:
        return ""
