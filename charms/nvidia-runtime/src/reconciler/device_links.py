"""The links in /dev/char by which runc and systemd find the device nodes of NVIDIA's driver.

With systemd's cgroups, runc allows a container its devices as `DeviceAllow=/dev/char/MAJOR:MINOR`.
Drivers from before 2023 do not register their nodes in a way that makes udev create these links.
Without them, `systemctl daemon-reload` takes the GPUs from running containers, which then report
"Failed to initialize NVML: Unknown Error" (NVIDIA/nvidia-docker issue 1730).
"""

import glob
import os
import stat
from typing import Callable, Dict

from labcharm.machine import Machine

_NODES = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/nvidia-caps-imex-channels/*")
_LINKS = "/dev/char"


def device_number(path: str) -> str:
    """Return MAJOR:MINOR of a character device; empty for another file."""
    status = os.stat(path)
    if not stat.S_ISCHR(status.st_mode):
        return ""
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


ReadNumber = Callable[[str], str]


def missing_links(machine: Machine, read_number: ReadNumber = device_number) -> Dict[str, str]:
    """Return the device nodes without a link, by the path of the link.

    Args:
        machine: The machine with the nodes.
        read_number: Returns the number of a device; tests replace it, because they cannot make
            nodes.
    """
    missing: Dict[str, str] = {}
    for pattern in _NODES:
        for real in sorted(glob.glob(machine.path(pattern))):
            number = read_number(real)
            link = f"{_LINKS}/{number}"
            if number and not machine.exists(link):
                missing[link] = real[len(machine.root) :]
    return missing


def create_links(machine: Machine, read_number: ReadNumber = device_number) -> bool:
    """Create the links that are missing; return whether there were any."""
    missing = missing_links(machine, read_number)
    for link, node in missing.items():
        path = machine.path(link)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.islink(path):
            os.unlink(path)  # it points to a node that is gone
        os.symlink(os.path.join("..", os.path.relpath(node, "/dev")), path)
    return bool(missing)
