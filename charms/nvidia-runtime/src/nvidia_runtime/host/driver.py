"""The NVIDIA driver: its versions, and its packages as the option `driver` asks for them."""

import glob
import re
from typing import Dict, List, NamedTuple, Optional

from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import CommandError, CommandResult, Machine
from nvidia_runtime.host.packages import Apt, Package
from nvidia_runtime.options import Options

_DRIVER_PACKAGES = (
    "nvidia-*",
    "libnvidia-*",
    "linux-modules-nvidia-*",
    "xserver-xorg-video-nvidia-*",
)
# Words in the names of packages that match the patterns above, but belong to the toolkit.
_TOOLKIT_WORDS = ("container", "docker")


class Versions(NamedTuple):
    """The driver's versions; empty where the part is missing.

    Attributes:
        module: The version of the loaded kernel module.
        library: The version of the installed library.
    """

    module: str
    library: str

    @property
    def is_present(self) -> bool:
        """Whether there is a module or a library."""
        return bool(self.module or self.library)

    @property
    def reboot_reason(self) -> str:
        """Why the machine must be rebooted; empty when it need not be."""
        if self.library and not self.module:
            return f"driver {self.library} is installed, but not loaded"
        if self.library and self.module != self.library:
            return f"driver {self.module} is loaded, library {self.library} installed"
        return ""


class Driver(NamedTuple):
    """The driver after a reconciliation.

    Attributes:
        versions: Its versions.
        error: Why it is not as the options ask for.
        reboot_reason: Why the machine must be rebooted; empty when it need not be.
    """

    versions: Versions
    error: Optional[CharmError] = None
    reboot_reason: str = ""


def read_versions(machine: Machine) -> Versions:
    """Return the versions of the loaded module and of the installed library."""
    text = machine.read("/proc/driver/nvidia/version") or ""
    module = re.search(r"Kernel Module(?: for \S+)?\s+(\d+\.\d+[.\d]*)", text)
    patterns = ("/usr/lib/*/libnvidia-ml.so.[0-9]*.[0-9]*", "/usr/lib/libnvidia-ml.so.*.*")
    paths = sorted(path for pattern in patterns for path in glob.glob(machine.path(pattern)))
    library = paths[-1].rpartition(".so.")[2] if paths else ""
    return Versions(module.group(1) if module else "", library)


def reconcile_driver(machine: Machine, apt: Apt, options: Options) -> Driver:
    """Install and hold the driver as the options ask for; never remove it, never reboot."""
    versions = read_versions(machine)
    if options.driver == "none":
        return Driver(versions)
    if options.driver == "host":
        return Driver(versions, _missing_on_host(versions), versions.reboot_reason)
    try:
        versions = _install(machine, apt, options, versions)
        if options.hold_driver:
            apt.hold(_installed_names(apt))
        else:
            apt.release()
    except CommandError as error:
        return Driver(versions, WaitingError(f"driver: {error}"), versions.reboot_reason)
    if not versions.is_present:
        return Driver(
            versions, WaitingError("driver: installed, but neither module nor library is there")
        )
    return Driver(versions, None, versions.reboot_reason)


def _missing_on_host(versions: Versions) -> Optional[CharmError]:
    if versions.is_present:
        return None
    return BlockedError(
        "driver is host, but no NVIDIA driver is installed; install one, or set driver=auto"
    )


def _install(machine: Machine, apt: Apt, options: Options, versions: Versions) -> Versions:
    """Install the packages that are missing; return the versions afterwards."""
    missing = apt.missing(_packages(machine, apt, options, versions))
    if not missing:
        return versions
    apt.update()
    apt.install(missing)
    machine.run(["modprobe", "nvidia"], timeout=60)
    return read_versions(machine)


def _packages(machine: Machine, apt: Apt, options: Options, versions: Versions) -> List[Package]:
    pins = dict(options.pins)
    if options.driver != "auto":
        return _named_packages(options.driver, pins)
    if versions.is_present:
        return []
    branch = _recommended_branch(machine, apt)
    names = [f"nvidia-headless-{branch}", f"nvidia-utils-{branch}"]
    flavour = _kernel_flavour(machine)
    modules = f"linux-modules-nvidia-{branch}-{flavour}"
    if flavour and machine.run(["apt-cache", "show", modules]).code == 0:
        names.insert(0, modules)  # signed, so that it loads under Secure Boot
    return [(name, pins.get(name, "")) for name in names]


def _named_packages(option: str, pins: Dict[str, str]) -> List[Package]:
    """Return the package that the option names, and nvidia-smi's package for a headless one."""
    name, _, version = option.partition("=")
    packages = [(name, version or pins.get(name, ""))]
    branch = driver_branch(name)
    if "headless" in name and branch:
        utilities = f"nvidia-utils-{branch}"
        packages.append((utilities, pins.get(utilities, "")))
    return packages


def driver_branch(package: str) -> str:
    """Return the branch in the name of a driver package, such as 535-server; empty without one."""
    match = re.search(r"-(\d{3}(?:-server)?)(?:-open)?$", package)
    return match.group(1) if match else ""


def _recommended_branch(machine: Machine, apt: Apt) -> str:
    """Return the branch that Ubuntu recommends for servers."""
    tool = [("ubuntu-drivers-common", "")]
    if apt.missing(tool):
        apt.update()
        apt.install(tool)
    output = machine.check(["ubuntu-drivers", "list", "--gpgpu"], timeout=120)
    branches = re.findall(r"\bnvidia-driver-(\d+)(-server)?(?![-\w])", output)
    if not branches:
        empty = CommandResult(0, "", "it recommends no driver for this machine")
        raise CommandError("ubuntu-drivers", empty)
    newest = max(branches, key=lambda branch: (branch[1] != "", int(branch[0])))
    return "".join(newest)


def _kernel_flavour(machine: Machine) -> str:
    """Return the kernel's flavour: `generic` of 5.15.0-91-generic."""
    release = machine.run(["uname", "-r"]).out.strip()
    match = re.match(r"^[\d.]+-\d+-([a-z-]+)$", release)
    return match.group(1) if match else ""


def _installed_names(apt: Apt) -> List[str]:
    names = apt.installed(_DRIVER_PACKAGES)
    return sorted(name for name in names if not any(word in name for word in _TOOLKIT_WORDS))
