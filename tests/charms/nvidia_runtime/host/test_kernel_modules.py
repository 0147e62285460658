"""The flavours of kernel modules, and the packages that bring them."""

from __future__ import annotations

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError
from labcharm.machine import CommandResult
from labcharm.text import STATUS_LIMIT
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.kernel_modules import (
    common_flavours,
    flavours,
    installed_suffix,
    signed_modules,
)
from nvidia_runtime.host.packages import Apt


def gpu(device: str) -> Gpu:
    """Return a GPU with this device id."""
    return Gpu("0000:0b:00.0", device, "0x030200", "", "plain")


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ("0x1db6", {"proprietary"}),  # V100, the last generation before Turing
        ("0x1eb8", {"open", "proprietary"}),  # T4
        ("0x20b2", {"open", "proprietary"}),  # A100
        ("0x2330", {"open", "proprietary"}),  # H100
        ("0x2342", {"open"}),  # GH200
        ("0x26b9", {"open", "proprietary"}),  # L40S
        ("0x2901", {"open"}),  # B200
        ("0x2c58", {"open"}),  # RTX 5090 Laptop
        ("0x3182", {"open"}),  # B300
        ("", {"open", "proprietary"}),  # a device whose id cannot be read
    ],
)
def test_generation_decides_the_flavour(device: str, expected: set[str]) -> None:
    assert flavours(gpu(device)) == expected


def test_option_narrows_the_flavours() -> None:
    gpus = [gpu("0x1eb8"), gpu("0x2901")]

    assert common_flavours(gpus, "auto") == {"open"}
    assert common_flavours([gpu("0x1eb8")], "auto") == {"open", "proprietary"}
    assert common_flavours([gpu("0x1eb8")], "proprietary") == {"proprietary"}


@pytest.mark.parametrize(
    ("devices", "option", "message"),
    [
        (["0x2901"], "proprietary", "needs the open kernel modules: set kernel-modules=auto"),
        (["0x1db6"], "open", "needs the proprietary kernel modules: set kernel-modules=auto"),
        (
            ["0x1db6", "0x2901"],
            "auto",
            "needs the open kernel modules, other GPUs need the other ones: no driver serves both",
        ),
    ],
)
def test_gpu_that_no_allowed_flavour_drives_blocks(
    devices: list[str], option: str, message: str
) -> None:
    with pytest.raises(BlockedError) as raised:
        common_flavours([gpu(device) for device in devices], option)

    assert str(raised.value) == f"GPU 0000:0b:00.0 {message}"
    assert len(str(raised.value)) <= STATUS_LIMIT


@pytest.mark.parametrize(
    ("kernel", "dependents", "image", "expected"),
    [
        ("6.8.0-31-generic", ["generic", "generic-hwe-24.04"], "generic-hwe-24.04",
         "generic-hwe-24.04"),
        ("6.8.0-31-generic", ["generic", "generic-hwe-24.04"], "generic", "generic"),
        ("6.8.0-31-generic-64k", ["generic-64k"], "generic-64k", "generic-64k"),
        ("6.8.0-31-generic", ["generic", "generic-hwe-24.04"], "", "generic"),
        ("6.8.0-1031-nvidia", [], "nvidia", "6.8.0-1031-nvidia"),
    ],
)  # fmt: skip
def test_signed_modules_follow_the_installed_kernel(
    machine: FakeMachine,
    packages: FakeApt,
    kernel: str,
    dependents: list[str],
    image: str,
    expected: str,
) -> None:
    """HWE and 64k kernels have metapackages of their own for the same driver."""
    beginning = "linux-modules-nvidia-580-server-"
    names = [f"  {beginning}{dependent}" for dependent in dependents]
    lines = [f"{beginning}{kernel}", "Reverse Depends:", *names]
    machine.answers[f"apt-cache rdepends {beginning}{kernel}"] = "\n".join(lines) + "\n"
    machine.answers["uname -r"] = f"{kernel}\n"
    packages.installed[f"linux-image-{image}"] = "1"

    assert signed_modules(machine, Apt(machine), "580-server") == beginning + expected


@pytest.mark.usefixtures("packages")
def test_kernel_without_signed_modules_has_no_package(machine: FakeMachine) -> None:
    """The metapackage may exist all the same, for a newer kernel."""
    machine.answers["apt-cache show"] = CommandResult(100, "", "E: No packages found\n")

    assert signed_modules(machine, Apt(machine), "580-server") == ""


@pytest.mark.parametrize(
    ("names", "suffix"),
    [
        (["nvidia-utils-580-server"], ""),
        (["nvidia-headless-no-dkms-580-server-open", "nvidia-utils-580-server"],
         "580-server-open"),
        (["nvidia-driver-535"], "535"),
        (["nvidia-container-toolkit"], ""),
    ],
)  # fmt: skip
def test_installed_packages_name_the_driver(
    machine: FakeMachine, packages: FakeApt, names: list[str], suffix: str
) -> None:
    packages.installed.update(dict.fromkeys(names, "1"))

    assert installed_suffix(Apt(machine)) == suffix
