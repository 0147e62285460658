"""Whether the GPUs answer, and if not, why: each cause with its fix.

The messages of modprobe, nvidia-smi and the kernel are those that NVIDIA's and Ubuntu's users
report; the tests of this module hold them with their sources.
"""

import re
import textwrap
from typing import List

from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import CommandError, CommandResult, Machine
from labcharm.text import summarize
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.kernel_modules import (
    OPEN,
    PROPRIETARY,
    flavours,
    installed_suffix,
    kernel_release,
    missing_headers,
    newer_kernel_with_module,
)
from nvidia_runtime.host.nvidia_smi import list_addresses
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.host.reboot_reason import forget_reason, reboot_needed
from nvidia_runtime.host.versions import Versions, read_versions

# modprobe's texts of the errors EKEYREJECTED and ENOKEY.
_REFUSED_KEYS = ("Key was rejected by service", "Required key not available")
_OPEN_LICENSE = "Dual MIT/GPL"
_NEEDS_OPEN = re.compile(r"requires use of the NVIDIA open kernel modules")
# By the names of Ubuntu, of NVIDIA's own repository and of Debian.
_DKMS_PACKAGES = ("nvidia-dkms-*", "nvidia-kernel-dkms", "nvidia-kernel-open-dkms")
_LOG = "look for NVRM in the kernel log"


def check(machine: Machine, apt: Apt, gpus: List[Gpu], message: str) -> None:
    """Check that the driver is loaded and that nvidia-smi lists all GPUs.

    Args:
        machine: The machine.
        apt: Its packages.
        gpus: The GPUs on the PCI bus that containers of this machine can use.
        message: Why the module could not be loaded; empty when it is loaded.

    Raises:
        BlockedError: When somebody must act.
        WaitingError: When the GPUs may answer later.
    """
    versions = read_versions(machine)
    if not versions.module:
        raise _not_loaded(machine, apt, gpus, message)
    if versions.difference:
        remedy = "reinstall its packages"
        raise reboot_needed(machine, versions.difference, remedy)
    _check_flavour(machine, apt, gpus, versions)
    try:
        addresses = list_addresses(machine)
    except CommandError as error:
        raise _no_answer(machine, apt, gpus, error.result) from None
    missing = [gpu.address for gpu in gpus if gpu.address not in addresses]
    if missing:
        number = f"{len(gpus) - len(missing)} of {len(gpus)} GPUs"
        message = f"nvidia-smi lists {number}, not {summarize(missing, 1)}"
        raise BlockedError(f"{message}: {_LOG}, then reboot")
    forget_reason(machine)


def _not_loaded(machine: Machine, apt: Apt, gpus: List[Gpu], message: str) -> CharmError:
    suffix = installed_suffix(apt)
    if not suffix and not read_versions(machine).library:
        return BlockedError("no NVIDIA driver is installed: install one, or set driver=auto")
    if "not found in directory" in message:
        return _no_module(machine, apt, suffix)
    if _is_refused(machine, message):
        fix = "install signed linux-modules-nvidia-* instead of dkms"
        return BlockedError(f"Secure Boot refuses the unsigned NVIDIA module: {fix}")
    if any(gpu.driver == "nouveau" for gpu in gpus):
        remedy = "blacklist it and run update-initramfs -u"
        return reboot_needed(machine, "nouveau drives the GPU", remedy)
    if _needs_open(machine):
        return _wrong_flavour(machine, apt, gpus[0], OPEN)
    reason = _shorten(message.rpartition(": ")[2]) or "no reason named"
    return BlockedError(f"the NVIDIA module cannot be loaded ({reason}): {_LOG}")


def _no_module(machine: Machine, apt: Apt, suffix: str) -> CharmError:
    newer = newer_kernel_with_module(machine)
    if newer:
        reason = f"only kernel {newer} has the NVIDIA module"
        return reboot_needed(machine, reason, "boot that kernel")
    return BlockedError(_missing_package(machine, apt, suffix))


def _missing_package(machine: Machine, apt: Apt, suffix: str) -> str:
    """Return what the running kernel lacks."""
    release = kernel_release(machine)
    if apt.installed(_DKMS_PACKAGES):
        headers = missing_headers(machine)
        if headers:
            return f"dkms built no NVIDIA module for lack of headers: install {headers}"
        return (
            f"dkms built no NVIDIA module for kernel {release}: see its make.log in /var/lib/dkms"
        )
    package = f"linux-modules-nvidia-{suffix or 'BRANCH'}-{release}"
    return f"no NVIDIA module for this kernel: install {package}"


def _is_refused(machine: Machine, message: str) -> bool:
    """Return whether the kernel loads no module without a trusted signature.

    In lockdown mode modprobe reports a lack of permission, which has other causes too.
    """
    if any(text in message for text in _REFUSED_KEYS):
        return True
    state = machine.run(["mokutil", "--sb-state"]).out
    return "Operation not permitted" in message and "SecureBoot enabled" in state


def _check_flavour(machine: Machine, apt: Apt, gpus: List[Gpu], versions: Versions) -> None:
    loaded = OPEN if versions.is_open else PROPRIETARY
    for gpu in gpus:
        if loaded not in flavours(gpu):
            (needed,) = flavours(gpu)
            raise _wrong_flavour(machine, apt, gpu, needed)


def _wrong_flavour(machine: Machine, apt: Apt, gpu: Gpu, needed: str) -> CharmError:
    """Return the error for a GPU that the loaded module does not drive."""
    is_open = machine.run(["modinfo", "-F", "license", "nvidia"]).out.strip() == _OPEN_LICENSE
    if (OPEN if is_open else PROPRIETARY) == needed:
        reason = f"the {needed} kernel modules are not loaded yet"
        return reboot_needed(machine, reason, "run update-initramfs -u")
    package = f"nvidia-headless-{_branch(machine, apt)}{'-open' if needed == OPEN else ''}"
    return BlockedError(
        f"GPU {gpu.address} needs the {needed} kernel modules: set driver={package}"
    )


def _branch(machine: Machine, apt: Apt) -> str:
    """Return the branch of the installed driver, such as 580-server."""
    suffix = installed_suffix(apt)
    if suffix:
        return suffix[: -len("-open")] if suffix.endswith("-open") else suffix
    versions = read_versions(machine)
    number = (versions.module or versions.library).partition(".")[0]
    return f"{number}-server"


def _no_answer(machine: Machine, apt: Apt, gpus: List[Gpu], result: CommandResult) -> CharmError:
    """Return the error for nvidia-smi's failure; its manual lists the exit codes."""
    output = f"{result.out}\n{result.err}".strip()
    if result.code == 127:
        return BlockedError(f"nvidia-smi is missing: install nvidia-utils-{_branch(machine, apt)}")
    if result.code == 124:
        return WaitingError(f"nvidia-smi does not answer; if this lasts, {_LOG}")
    if "Driver/library version mismatch" in output:
        reason = "the loaded driver and the library differ"
        return reboot_needed(machine, reason, "reinstall its packages")
    if _needs_open(machine):
        return _wrong_flavour(machine, apt, gpus[0], OPEN)
    reason = _shorten(output.splitlines()[-1]) if output else f"exit code {result.code}"
    return BlockedError(f"nvidia-smi fails ({reason}): {_LOG}")


def _needs_open(machine: Machine) -> bool:
    """Return whether the driver itself says that it drives a GPU with its open modules only."""
    return bool(_NEEDS_OPEN.search(machine.run(["dmesg"]).out))


def _shorten(text: str) -> str:
    return textwrap.shorten(text, 48, placeholder="...")
