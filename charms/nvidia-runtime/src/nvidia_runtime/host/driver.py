"""The NVIDIA driver: what is loaded, what is installed, and what the policy makes of it."""

import glob
import re
from typing import Dict, List, NamedTuple, Tuple

from labcharm.machine import CommandError, Machine, Result
from nvidia_runtime.host.packages import Apt, Package, driver_branch

_DRIVER_PACKAGES = (
    "nvidia-*",
    "libnvidia-*",
    "linux-modules-nvidia-*",
    "xserver-xorg-video-nvidia-*",
)
_TOOLKIT = ("container", "docker")

State = NamedTuple("State", [("loaded", str), ("library", str)])
# `blocked` is for people to mend, `waiting` is tried again by the next hook.
Driver = NamedTuple(
    "Driver", [("state", State), ("blocked", str), ("waiting", str), ("reboot", str)]
)


def read_state(machine: Machine) -> State:
    """Return the versions of the loaded module and of the library; empty where there is none."""
    text = machine.read("/proc/driver/nvidia/version") or ""
    loaded = re.search(r"Kernel Module(?: for \S+)?\s+(\d+\.\d+[.\d]*)", text)
    pattern = machine.path("/usr/lib/*/libnvidia-ml.so.[0-9]*.[0-9]*")
    found = sorted(glob.glob(pattern) + glob.glob(machine.path("/usr/lib/libnvidia-ml.so.*.*")))
    library = found[-1].rpartition(".so.")[2] if found else ""
    return State(loaded.group(1) if loaded else "", library)


def ensure(
    machine: Machine, apt: Apt, policy: str, hold: bool, pins: Tuple[Package, ...]
) -> Driver:
    """Make the driver what the policy says; nothing is removed and nothing is rebooted."""
    state = read_state(machine)
    if policy == "none":
        return Driver(state, "", "", "")
    if policy == "host":
        missing = (
            "driver is host, but no NVIDIA driver is installed; install one, or set driver=auto"
        )
        return Driver(state, "" if any(state) else missing, "", _reboot(state))
    try:
        packages = _packages(machine, apt, policy, state, dict(pins))
        wanted = apt.missing(packages)
        if wanted:
            apt.update()
            apt.install(wanted)
            machine.run(["modprobe", "nvidia"], timeout=60)
            state = read_state(machine)
        if hold:
            apt.hold(_driver_names(apt))
        else:
            apt.release()
    except CommandError as error:
        return Driver(state, "", "driver: %s" % error, _reboot(state))
    if not any(state):
        return Driver(state, "", "driver: installed, but neither module nor library is there", "")
    return Driver(state, "", "", _reboot(state))


def _reboot(state: State) -> str:
    """Say why a reboot is needed; empty when none is."""
    if state.library and not state.loaded:
        return "driver %s is installed, but not loaded" % state.library
    if state.library and state.loaded != state.library:
        return "driver %s is loaded, library %s installed" % (state.loaded, state.library)
    return ""


def _packages(
    machine: Machine, apt: Apt, policy: str, state: State, pins: Dict[str, str]
) -> List[Package]:
    if policy != "auto":
        name, _, version = policy.partition("=")
        branch = driver_branch(name)
        names = [name] + (["nvidia-utils-" + branch] if "headless" in name and branch else [])
        return [(n, version if n == name and version else pins.get(n, "")) for n in names]
    if any(state):
        return []
    branch = _recommended(machine, apt)
    names = ["nvidia-headless-" + branch, "nvidia-utils-" + branch]
    flavour = _flavour(machine)
    modules = "linux-modules-nvidia-%s-%s" % (branch, flavour)
    if flavour and machine.run(["apt-cache", "show", modules]).code == 0:
        names.insert(0, modules)  # signed, so that it loads under Secure Boot
    return [(name, pins.get(name, "")) for name in names]


def _recommended(machine: Machine, apt: Apt) -> str:
    """Return the branch that Ubuntu recommends for servers."""
    if apt.missing([("ubuntu-drivers-common", "")]):
        apt.update()
        apt.install([("ubuntu-drivers-common", "")])
    out = machine.check(["ubuntu-drivers", "list", "--gpgpu"], timeout=120)
    branches = re.findall(r"\bnvidia-driver-(\d+)(-server)?(?![-\w])", out)
    if not branches:
        nothing = Result(0, "", "it recommends no driver for this machine")
        raise CommandError("ubuntu-drivers", nothing)
    best = max(branches, key=lambda found: (found[1] != "", int(found[0])))
    return "".join(best)


def _flavour(machine: Machine) -> str:
    """Return the kernel's flavour (`generic` in 5.15.0-91-generic)."""
    release = machine.run(["uname", "-r"]).out.strip()
    found = re.match(r"^[\d.]+-\d+-([a-z-]+)$", release)
    return found.group(1) if found else ""


def _driver_names(apt: Apt) -> List[str]:
    names = apt.installed(_DRIVER_PACKAGES)
    return sorted(name for name in names if not any(word in name for word in _TOOLKIT))


__all__ = ["Driver", "State", "ensure", "read_state"]
