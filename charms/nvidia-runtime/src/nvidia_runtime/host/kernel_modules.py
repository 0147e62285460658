"""NVIDIA's kernel modules: their two flavours, and the packages that bring them.

The device ids of PCI follow the generations. GPUs before Turing (0x1e00) have no GSP, which the
open modules need. Blackwell (from 0x2900 on) and Grace Hopper work with the open modules only
(NVIDIA, "NVIDIA Transitions Fully Towards Open-Source GPU Kernel Modules", 2024-07-17, and the
table of GPUs in the README of NVIDIA/open-gpu-kernel-modules).
"""

import os
import re
from typing import FrozenSet, List

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.packages import Apt

OPEN, PROPRIETARY = "open", "proprietary"
_FIRST_OF_TURING = 0x1E00
_FIRST_OF_BLACKWELL = 0x2900
_GRACE_HOPPER = (0x2342, 0x2348)
_SUFFIX = re.compile(
    r"^nvidia-(?:headless|headless-no-dkms|driver|dkms|kernel-source)"
    r"-(\d{3}(?:-server)?(?:-open)?)$"
)


def flavours(gpu: Gpu) -> FrozenSet[str]:
    """Return the flavours of the modules that drive a GPU."""
    device = int(gpu.device, 16) if gpu.device else 0
    if device and device < _FIRST_OF_TURING:
        return frozenset((PROPRIETARY,))
    if device >= _FIRST_OF_BLACKWELL or device in _GRACE_HOPPER:
        return frozenset((OPEN,))
    return frozenset((OPEN, PROPRIETARY))


def common_flavours(gpus: List[Gpu], option: str) -> FrozenSet[str]:
    """Return the flavours that drive all GPUs and that the option allows.

    Args:
        gpus: The GPUs.
        option: The option `kernel-modules`.

    Raises:
        BlockedError: When there is none.
    """
    common = frozenset((OPEN, PROPRIETARY)) if option == "auto" else frozenset((option,))
    for gpu in gpus:
        if not common & flavours(gpu):
            raise BlockedError(_conflict(gpu, option))
        common = common & flavours(gpu)
    return common


def _conflict(gpu: Gpu, option: str) -> str:
    (needed,) = flavours(gpu)
    message = f"GPU {gpu.address} needs the {needed} kernel modules"
    if option != "auto":
        return f"{message}: set kernel-modules=auto"
    return f"{message}, other GPUs need the other ones: no driver serves both"


def load_module(machine: Machine) -> str:
    """Load the module `nvidia` and return modprobe's message; empty when it is loaded."""
    result = machine.run(["modprobe", "nvidia"], timeout=60)
    if result.code == 0:
        return ""
    lines = (result.err or result.out).strip().splitlines()
    return lines[-1] if lines else f"modprobe ended with {result.code}"


def kernel_release(machine: Machine) -> str:
    """Return the release of the running kernel, such as 6.8.0-31-generic-64k."""
    return machine.run(["uname", "-r"]).out.strip()


def newer_kernel_with_module(machine: Machine) -> str:
    """Return the newest installed kernel, if it is newer than the running one and has the module.

    Signed modules come for the newest kernel, which does not run before the next boot. The result
    is empty without such a kernel.
    """
    directory = machine.path("/lib/modules")
    releases = os.listdir(directory) if os.path.isdir(directory) else []
    newest = max(releases, key=_numbers, default="")
    if _numbers(newest) <= _numbers(kernel_release(machine)):
        return ""
    command = ["modprobe", "--set-version", newest, "--dry-run", "nvidia"]
    return newest if machine.run(command).code == 0 else ""


def _numbers(release: str) -> List[int]:
    """Return the numbers of a release without its flavour, which may be 64k."""
    version = re.match(r"[\d.-]*", release)
    return [int(number) for number in re.findall(r"\d+", version.group() if version else "")]


def signed_modules(machine: Machine, apt: Apt, suffix: str) -> str:
    """Return the package with Ubuntu's signed modules for the running kernel; empty without one.

    The metapackages that depend on the modules of exactly this kernel are those of its flavour:
    generic, generic-hwe-24.04 or generic-64k. The metapackage that follows the installed kernel
    brings modules for its updates too.

    Args:
        machine: The machine.
        apt: Its packages.
        suffix: The driver, such as 580-server-open.
    """
    beginning = f"linux-modules-nvidia-{suffix}-"
    exact = beginning + kernel_release(machine)
    if machine.run(["apt-cache", "show", exact]).code != 0:
        return ""
    words = machine.run(["apt-cache", "rdepends", exact]).out.split()
    candidates = sorted({word for word in words if word.startswith(beginning)} - {exact})
    images = {name: f"linux-image-{name[len(beginning) :]}" for name in candidates}
    installed = apt.installed(images.values()) if images else {}
    matches = [name for name in candidates if images[name] in installed]
    return (matches or candidates or [exact])[0]


def missing_headers(machine: Machine) -> str:
    """Return the package of the kernel headers, without which dkms builds no module.

    It is empty where the machine has the headers of the running kernel.
    """
    release = kernel_release(machine)
    has_headers = not release or machine.exists(f"/lib/modules/{release}/build")
    return "" if has_headers else f"linux-headers-{release}"


def installed_suffix(apt: Apt) -> str:
    """Return which driver the installed packages are of, such as 580-server; empty without any."""
    matches = (_SUFFIX.match(name) for name in sorted(apt.installed(("nvidia-*",))))
    return next((match.group(1) for match in matches if match), "")
