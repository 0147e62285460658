"""NVIDIA's driver on a fake machine."""

from __future__ import annotations

from helpers.fake_machine import FakeMachine
from labcharm.machine import CommandResult

VERSION = "/proc/driver/nvidia/version"
# The first line of the file, by NVIDIA's "Driver README" and issues of open-gpu-kernel-modules.
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {}  Release Build  (x)\n"
PROPRIETARY = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  {}  Wed Oct 29 23:15:11 UTC 2025\n"
LIST = "nvidia-smi --query-gpu=pci.bus_id --format=csv,noheader"
GPU = "0000:0b:00.0"


class ScriptedDriver:
    """A driver that is installed and loaded, and whose nvidia-smi lists GPUs.

    Args:
        machine: The machine.
        version: The version of module and library.
        addresses: The PCI addresses of the GPUs that answer.
        is_open: Whether the module is of the open flavour.
    """

    def __init__(
        self,
        machine: FakeMachine,
        version: str = "450.51.06",
        addresses: tuple[str, ...] = (GPU,),
        is_open: bool = False,
    ) -> None:
        self._machine = machine
        self.load(version, is_open)
        machine.write(f"/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.{version}", "")
        # nvidia-smi writes domains with eight digits and letters in upper case.
        machine.answers[LIST] = "".join(f"0000{address.upper()}\n" for address in addresses)

    def load(self, version: str, is_open: bool = False) -> None:
        """Load a module of this version."""
        text = OPEN if is_open else PROPRIETARY
        self._machine.write(VERSION, text.format(version))

    def unload(self, message: str) -> None:
        """Unload the module; modprobe fails with this message from now on."""
        self._machine.remove(VERSION)
        self._machine.answers["modprobe nvidia"] = CommandResult(1, "", message + "\n")
