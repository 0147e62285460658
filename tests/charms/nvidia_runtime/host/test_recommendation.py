"""The choice among the drivers that ubuntu-drivers lists."""

from __future__ import annotations

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError
from labcharm.machine import CommandResult
from labcharm.text import STATUS_LIMIT
from nvidia_runtime.host.kernel_modules import OPEN, PROPRIETARY
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.host.recommendation import Candidate, recommend

BOTH = frozenset((OPEN, PROPRIETARY))
# From the Ubuntu Server documentation, "NVIDIA drivers installation".
DOCUMENTED = (
    "nvidia-driver-470\nnvidia-driver-470-server\nnvidia-driver-535\nnvidia-driver-535-open\n"
    "nvidia-driver-535-server\nnvidia-driver-535-server-open\nnvidia-driver-550\n"
    "nvidia-driver-550-open\nnvidia-driver-550-server\nnvidia-driver-550-server-open\n"
)


def provided(suffix: str, modules: str) -> str:
    """Return a line of `ubuntu-drivers list --gpgpu` (ubuntu-drivers-common, d3d78560)."""
    return f"nvidia-driver-{suffix}, (kernel modules provided by {modules})\n"


def choice(machine: FakeMachine, flavours: frozenset[str] = BOTH) -> Candidate:
    """Return the recommended driver."""
    return recommend(machine, Apt(machine), flavours)


@pytest.fixture(autouse=True)
def tool(packages: FakeApt) -> None:
    """Install ubuntu-drivers."""
    packages.installed["ubuntu-drivers-common"] = "1"


@pytest.mark.parametrize(
    ("output", "flavours", "suffix"),
    [
        (DOCUMENTED, BOTH, "550-server"),
        (DOCUMENTED, frozenset((OPEN,)), "550-server-open"),
        # From branch 560 on the open modules are NVIDIA's default.
        (provided("580-server", "x") + provided("580-server-open", "y"), BOTH, "580-server-open"),
        (
            provided("580-server", "x") + provided("580-server-open", "y"),
            frozenset((PROPRIETARY,)),
            "580-server",
        ),
        # Only the driver with open modules is listed.
        (provided("580-server-open", "y"), BOTH, "580-server-open"),
        (provided("590-open", "y") + provided("580-server", "x"), BOTH, "580-server"),
        ("nvidia-driver-1000\nnvidia-driver-390\n", BOTH, "390"),
    ],
)
def test_newest_server_branch_with_fitting_modules_is_chosen(
    machine: FakeMachine, output: str, flavours: frozenset[str], suffix: str
) -> None:
    machine.answers["ubuntu-drivers list --gpgpu"] = output

    assert choice(machine, flavours).suffix == suffix


@pytest.mark.parametrize(
    "modules",
    [
        "linux-modules-nvidia-580-server-generic-hwe-24.04",
        "linux-modules-nvidia-580-server-generic-64k",
        "nvidia-dkms-580-server",
    ],
)
def test_package_of_the_modules_is_the_one_that_is_listed(
    machine: FakeMachine, modules: str
) -> None:
    """Kernels of other flavours have modules of their own."""
    machine.answers["ubuntu-drivers list --gpgpu"] = provided("580-server", modules)

    assert choice(machine).modules == modules


def test_kernel_without_signed_modules_gets_those_of_dkms(machine: FakeMachine) -> None:
    """ubuntu-drivers then lists nothing, says so on standard error, and ends with 0."""
    machine.answers["ubuntu-drivers list --gpgpu"] = CommandResult(
        0, "", "Your running kernel (6.8.0-31-generic-64k) requires DKMS modules.\n"
    )
    line = provided("580-server-open", "nvidia-dkms-580-server-open")
    machine.answers["ubuntu-drivers list --gpgpu --include-dkms"] = line

    assert choice(machine).modules == "nvidia-dkms-580-server-open"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("nvidia-driver-470-server\n", "with open kernel modules"),
        ("", "for this machine"),
    ],
)
def test_missing_driver_blocks(machine: FakeMachine, output: str, reason: str) -> None:
    """Waiting would not help: the apt sources have no such driver."""
    machine.answers["ubuntu-drivers list --gpgpu"] = output
    with pytest.raises(BlockedError) as raised:
        choice(machine, frozenset((OPEN,)))

    fix = "run apt-get update, or set driver to a package"
    assert str(raised.value) == f"Ubuntu offers no driver {reason}: {fix}"
    assert len(str(raised.value)) <= STATUS_LIMIT
