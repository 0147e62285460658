"""NVSwitches and NVIDIA's fabric manager, without which CUDA fails there with error 802.

The sources are NVIDIA's Fabric Manager User Guide (release 2.3, May 2025) and, for Ubuntu's
packages, "NVIDIA drivers installation" of the Ubuntu Server documentation.
"""

import re
from typing import NamedTuple, Optional

from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import CommandError, Machine
from nvidia_runtime.host.kernel_modules import kernel_release
from nvidia_runtime.host.nvidia_smi import fabric_states
from nvidia_runtime.host.packages import Apt, Package
from nvidia_runtime.host.pci import NVIDIA, list_devices

SERVICE = "nvidia-fabricmanager.service"
# Loads the modules at each boot through which the bridges are reached. It stays when the charm is
# removed, like the driver and the fabric manager, which would not start without these modules.
MODULES_FILE = "/etc/modules-load.d/nvidia-runtime.conf"
_KERNEL_MODULES = ("mlx5_ib", "ib_umad")
_UMAD = "/sys/module/ib_umad"
_LOG = "/var/log/fabricmanager.log"
_SUBNET_MANAGER = "/opt/nvidia/nvlsm/sbin/nvlsm"
# The class of NVSwitches up to the third generation (PCINvSwitchClass in NVIDIA/go-nvlib).
_SWITCH_CLASS = "0x068000"
# Switches of the fourth generation are no PCI devices. They are managed through InfiniBand
# functions of ConnectX-7 bridges, whose vital product data names them.
_MELLANOX = "0x15b3"
_INFINIBAND_CLASS = "0x0207"
_MANAGEMENT_MARK = b"SW_MNG"


class Fabric(NamedTuple):
    """The NVSwitches of a machine.

    Attributes:
        switches: How many are PCI devices.
        bridges: Through how many bridges those of the fourth generation are managed.
    """

    switches: int
    bridges: int

    @property
    def exists(self) -> bool:
        """Whether the machine has NVSwitches."""
        return bool(self.switches or self.bridges)


def find_fabric(machine: Machine, sysfs: str = "/sys") -> Fabric:
    """Find the NVSwitches that this machine manages, and no virtual machine.

    Args:
        machine: The machine.
        sysfs: The directory where sysfs is mounted on it.
    """
    devices = [device for device in list_devices(machine, sysfs) if not device.is_passed_through]
    switches = [
        device for device in devices if device.vendor == NVIDIA and device.kind == _SWITCH_CLASS
    ]
    bridges = [
        device
        for device in devices
        if device.vendor == _MELLANOX
        and device.kind.startswith(_INFINIBAND_CLASS)
        and _MANAGEMENT_MARK in device.content("vpd")
    ]
    return Fabric(len(switches), len(bridges))


class FabricManager:
    """NVIDIA's fabric manager: installed in the driver's version, running, and done.

    Args:
        machine: The machine.
        apt: Its packages.
        may_change: Whether the charm may install and start parts of the driver.
    """

    def __init__(self, machine: Machine, apt: Apt, may_change: bool) -> None:
        self._machine, self._apt, self._may_change = machine, apt, may_change

    def reconcile(self, fabric: Fabric, driver: str) -> Optional[CharmError]:
        """Install and start what is missing; return what keeps CUDA from using the GPUs.

        Args:
            fabric: The machine's NVSwitches.
            driver: The version of the loaded driver.
        """
        if not fabric.exists:
            return None
        try:
            if fabric.bridges:
                self._ensure_subnet_manager()
            self._ensure_version(driver)
            self._ensure_service()
            self.check_states()
        except CommandError as error:
            return WaitingError(f"fabric manager: {error}")
        except CharmError as error:
            return error
        return None

    def version(self) -> str:
        """Return the version of the installed fabric manager; empty without one.

        It prints "Fabric Manager version is : 535.161.08".
        """
        result = self._machine.run(["nv-fabricmanager", "--version"], timeout=20)
        match = re.search(r"version is\s*:\s*([\d.]+)", result.out + result.err)
        return match.group(1) if match else ""

    def state(self) -> str:
        """Return the state of its service, such as active."""
        return self._property("ActiveState")

    def check_states(self) -> None:
        """Check that each GPU has joined the fabric.

        GPUs older than Hopper have no such state: there the charm sees only that the service runs.

        Raises:
            BlockedError: When a GPU could not join.
            CommandError: When nvidia-smi fails.
            WaitingError: When a GPU has not joined yet.
        """
        states = [state for state in fabric_states(self._machine) if not state.is_ready]
        if not states:
            return
        gpus = f"{len(states)} GPU{'' if len(states) == 1 else 's'}"
        if states[0].state == "Completed":
            reason = f"{gpus} failed to join the NVLink fabric"
            raise BlockedError(f"{reason}: look into {_LOG}, then reboot")
        raise WaitingError(
            f"{gpus} not joined to the NVLink fabric yet; if this lasts, see {_LOG}"
        )

    def _property(self, name: str) -> str:
        command = ["systemctl", "show", "--property", name, SERVICE]
        return self._machine.run(command).out.strip().partition("=")[2]

    def _ensure_version(self, driver: str) -> None:
        """Install the fabric manager of the driver's version; it refuses any other driver."""
        version = self.version()
        if version == driver:
            return
        package = self._package(driver)
        if package is not None and self._may_change and self._may_replace(package[0]):
            self._apt.install([package])
            self._systemctl("daemon-reload")
            self._systemctl("restart", SERVICE)
            version = self.version()
        if version != driver:
            raise BlockedError(_wrong_version(version, driver))

    def _may_replace(self, name: str) -> bool:
        """Return whether the charm installed a package, or nobody did."""
        return name in self._apt.record()["installed"] or not self._apt.installed((name,))

    def _package(self, driver: str) -> Optional[Package]:
        """Return the package for a driver; None when the apt sources have none.

        From branch 590 on, NVIDIA's own repository has no branch in the name.
        """
        names = [_package_name(driver), "nvidia-fabricmanager"]
        output = self._machine.run(["apt-cache", "madison", *names], timeout=60).out
        for line in output.splitlines():
            words = [word.strip() for word in line.split("|")]
            if len(words) > 1 and re.match(rf"(\d+:)?{re.escape(driver)}-", words[1]):
                return words[0], words[1]
        return None

    def _ensure_service(self) -> None:
        if self._may_change and self._property("UnitFileState") == "disabled":
            self._systemctl("enable", SERVICE)
        if self._may_change and self.state() in ("inactive", "failed"):
            self._systemctl("reset-failed", SERVICE)
            self._systemctl("start", SERVICE)
        state = self.state()
        if state == "activating":
            raise WaitingError("the fabric manager is starting")
        if state != "active":
            fix = f"systemctl status {SERVICE} says why"
            raise BlockedError(f"the fabric manager does not run: {fix}")

    def _systemctl(self, *words: str) -> None:
        # The start configures all switches first.
        self._machine.run(["systemctl", *words], timeout=300)

    def _ensure_subnet_manager(self) -> None:
        """Ensure what the fabric manager needs for switches of the fourth generation."""
        if self._may_change and not self._machine.exists(_SUBNET_MANAGER):
            self._install_subnet_manager()
        if not self._machine.exists(_SUBNET_MANAGER):
            fix = "install nvlsm from NVIDIA's CUDA repository"
            raise BlockedError(f"the NVLink subnet manager is missing: {fix}")
        if self._may_change:
            self._load_modules()
        if not self._machine.exists(_UMAD):
            package = f"linux-modules-extra-{kernel_release(self._machine)}"
            raise BlockedError(f"module ib_umad is missing: install {package} and load it")

    def _install_subnet_manager(self) -> None:
        """Install the package if the apt sources have it; Ubuntu's own do not."""
        if self._machine.run(["apt-cache", "show", "nvlsm"]).code == 0:
            self._apt.install([("nvlsm", "")])

    def _load_modules(self) -> None:
        lines = ["# By the charm nvidia-runtime", *_KERNEL_MODULES]
        self._machine.write(MODULES_FILE, "\n".join(lines) + "\n")
        if not self._machine.exists(_UMAD):
            for name in _KERNEL_MODULES:
                self._machine.run(["modprobe", name], timeout=60)


def _wrong_version(version: str, driver: str) -> str:
    package = f"{_package_name(driver)} {driver}"
    if not version:
        return f"NVSwitches need NVIDIA's fabric manager: install {package}"
    return f"fabric manager {version} does not fit driver {driver}: install {package}"


def _package_name(driver: str) -> str:
    return f"nvidia-fabricmanager-{driver.partition('.')[0]}"
