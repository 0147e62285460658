"""The NVIDIA driver, as the options ask for it."""

import re
from typing import Dict, List, NamedTuple, Optional

from labcharm.errors import CharmError, WaitingError
from labcharm.machine import CommandError, Machine
from nvidia_runtime.host import health
from nvidia_runtime.host.gpus import Gpu, usable
from nvidia_runtime.host.kernel_modules import (
    common_flavours,
    installed_suffix,
    load_module,
    missing_headers,
    signed_modules,
)
from nvidia_runtime.host.packages import Apt, Package
from nvidia_runtime.host.recommendation import Candidate, recommend
from nvidia_runtime.host.versions import Versions, read_versions
from nvidia_runtime.options import Options

_DRIVER_PACKAGES = (
    "nvidia-*",
    "libnvidia-*",
    "linux-modules-nvidia-*",
    "xserver-xorg-video-nvidia-*",
)
# Words in the names of packages that match the patterns above, but belong to the toolkit.
_TOOLKIT_WORDS = ("container", "docker")


class Driver(NamedTuple):
    """The driver after a reconciliation.

    Attributes:
        versions: Its versions.
        error: Why the GPUs cannot be used, or why the driver is not as the options ask for.
    """

    versions: Versions
    error: Optional[CharmError] = None


def reconcile_driver(machine: Machine, apt: Apt, options: Options, gpus: List[Gpu]) -> Driver:
    """Install the driver as the options ask for, and check that all GPUs answer.

    Never remove the driver, and never reboot.

    Args:
        machine: The machine.
        apt: Its packages.
        options: The charm's options.
        gpus: The machine's GPUs.
    """
    if options.driver == "none":
        return Driver(read_versions(machine))
    error: Optional[CharmError] = None
    try:
        if options.driver != "host":
            _install(machine, apt, options, usable(gpus))
        message = "" if read_versions(machine).module else load_module(machine)
        health.check(machine, apt, usable(gpus), message)
    except CommandError as failure:
        error = WaitingError(f"driver: {failure}")
    except CharmError as failure:
        error = failure
    return Driver(read_versions(machine), error)


def hold_driver(apt: Apt, options: Options) -> Optional[CharmError]:
    """Hold the driver's packages or release them, as the options ask for.

    Returns:
        What prevents that.
    """
    if options.driver in ("host", "none"):
        return None
    try:
        if options.hold_driver:
            apt.hold(_installed_names(apt))
        else:
            apt.release()
    except CommandError as error:
        return WaitingError(f"driver: {error}")
    return None


def _install(machine: Machine, apt: Apt, options: Options, gpus: List[Gpu]) -> None:
    """Install the packages that are missing."""
    missing = apt.missing(_packages(machine, apt, options, gpus))
    if missing:
        apt.update()
        apt.install(missing)
    if not read_versions(machine).module and load_module(machine):
        _install_for_kernel(machine, apt)


def _packages(machine: Machine, apt: Apt, options: Options, gpus: List[Gpu]) -> List[Package]:
    pins = dict(options.pins)
    if options.driver != "auto":
        return _named_packages(machine, options.driver, pins)
    flavours = common_flavours(gpus, options.kernel_modules)
    if read_versions(machine).is_present:
        return []
    names = _recommended_names(machine, apt, recommend(machine, apt, flavours))
    return [(name, pins.get(name, "")) for name in names]


def _recommended_names(machine: Machine, apt: Apt, candidate: Candidate) -> List[str]:
    """Return the driver's packages: without dkms where Ubuntu has signed modules for the kernel.

    A module of dkms would take precedence over the signed one, and Secure Boot refuses it.
    """
    utilities = f"nvidia-utils-{candidate.branch}"
    modules = candidate.modules or signed_modules(machine, apt, candidate.suffix)
    if modules.startswith("linux-modules-"):
        return [modules, f"nvidia-headless-no-dkms-{candidate.suffix}", utilities]
    headers = _available_headers(machine)
    names = [f"nvidia-headless-{candidate.suffix}", utilities]
    return [headers, *names] if headers else names


def _named_packages(machine: Machine, option: str, pins: Dict[str, str]) -> List[Package]:
    """Return the package that the option names and what it needs beside it.

    These are nvidia-smi's package for a headless one, and the kernel headers where dkms builds the
    module: dkms only recommends them.
    """
    name, _, version = option.partition("=")
    packages = [(name, version or pins.get(name, ""))]
    branch = driver_branch(name)
    if "headless" in name and branch:
        utilities = f"nvidia-utils-{branch}"
        packages.append((utilities, pins.get(utilities, "")))
    uses_dkms = not name.startswith("linux-modules-") and "no-dkms" not in name
    headers = _available_headers(machine) if uses_dkms else ""
    return [(headers, ""), *packages] if headers else packages


def _install_for_kernel(machine: Machine, apt: Apt) -> None:
    """Install what the installed driver lacks for the running kernel: its modules, or headers.

    A machine boots another kernel after an upgrade, and the module is made for one kernel alone.
    """
    suffix = installed_suffix(apt)
    if not suffix:
        return
    name = signed_modules(machine, apt, suffix) or _available_headers(machine)
    missing = apt.missing([(name, "")]) if name else []
    if missing:
        apt.install(missing)


def _available_headers(machine: Machine) -> str:
    """Return the package of the kernel headers if the machine needs it and apt knows it."""
    name = missing_headers(machine)
    is_available = bool(name) and machine.run(["apt-cache", "show", name]).code == 0
    return name if is_available else ""


def driver_branch(package: str) -> str:
    """Return the branch in the name of a driver package, such as 535-server; empty without one."""
    match = re.search(r"-(\d{3}(?:-server)?)(?:-open)?$", package)
    return match.group(1) if match else ""


def _installed_names(apt: Apt) -> List[str]:
    names = apt.installed(_DRIVER_PACKAGES)
    return sorted(name for name in names if not any(word in name for word in _TOOLKIT_WORDS))
