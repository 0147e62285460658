"""The driver, with a scripted apt."""

from __future__ import annotations

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import CommandResult
from nvidia_runtime.host.driver import Driver, reconcile_driver
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.options import read_options


def reconcile(machine: FakeMachine, driver: str, hold: bool = False) -> Driver:
    """Reconcile the driver with these options."""
    options = read_options({"driver": driver, "hold-driver": hold})
    return reconcile_driver(machine, Apt(machine), options)


def test_auto_installs_the_server_branch_that_ubuntu_recommends(
    machine: FakeMachine, packages: FakeApt
) -> None:
    """The newest server branch, its signed modules if there are any, and nvidia-smi's package."""
    machine.answers["ubuntu-drivers list"] = (
        "nvidia-driver-470\nnvidia-driver-450-server, (kernel modules provided by x)\n"
        "nvidia-driver-535-server\nnvidia-driver-535-server-open\nnvidia-driver-550\n"
    )
    driver = reconcile(machine, "auto", hold=True)

    assert {
        "linux-modules-nvidia-535-server-generic", "nvidia-headless-535-server",
        "nvidia-utils-535-server",
    } <= set(packages.installed)  # fmt: skip
    assert "ubuntu-drivers-common" in packages.installed
    *_, installation = (command for command in machine.commands if "install" in command)
    assert installation[-3:] == [
        "linux-modules-nvidia-535-server-generic", "nvidia-headless-535-server",
        "nvidia-utils-535-server",
    ]  # fmt: skip
    steps = [" ".join(command) for command in machine.commands]
    programs = [text for text in steps if text.startswith(("apt-get", "ubuntu-drivers", "mod"))]
    assert [text.partition(" -")[0] for text in programs] == [
        "apt-get update", "apt-get install", "ubuntu-drivers list", "apt-get update",
        "apt-get install", "modprobe nvidia",
    ]  # fmt: skip
    assert programs[1].endswith(" ubuntu-drivers-common")
    assert programs[2] == "ubuntu-drivers list --gpgpu"
    assert machine.ran("apt-mark hold")
    assert isinstance(driver.error, WaitingError)
    assert "neither module nor library" in str(driver.error)


@pytest.mark.parametrize("policy", ["host", "none", "auto"])
@pytest.mark.usefixtures("packages")
def test_driver_that_is_present_is_not_touched(machine: FakeMachine, policy: str) -> None:
    """Module and library have the same version: apt is not run and nothing is reported."""
    machine.write(
        "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  450.51.06  Sun Jul\n",
    )
    machine.write("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.450.51.06", "")
    driver = reconcile(machine, policy)

    assert (driver.error, driver.reboot_reason) == (None, "")
    assert driver.versions.module == "450.51.06"
    assert not machine.ran("apt")


def test_library_newer_than_the_module_asks_for_a_reboot(machine: FakeMachine) -> None:
    """Containers would fail until the machine is rebooted."""
    machine.write(
        "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.1.2  Release Build\n",
    )
    machine.write("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.2.1", "")

    reason = reconcile(machine, "host").reboot_reason

    assert reason == "driver 535.1.2 is loaded, library 535.2.1 installed"


def test_policy_host_without_a_driver_blocks(machine: FakeMachine) -> None:
    """Only the administrator can install one."""
    error = reconcile(machine, "host").error

    assert isinstance(error, BlockedError)
    assert "set driver=auto" in str(error)


@pytest.mark.usefixtures("packages")
def test_failure_of_apt_is_reported_and_retried(machine: FakeMachine) -> None:
    """The message holds apt's last line, and nothing of the command line."""
    machine.answers["apt-get update"] = CommandResult(100, "", "E: Could not resolve host\n")

    error = reconcile(machine, "nvidia-driver-535").error

    assert isinstance(error, WaitingError)
    assert str(error) == "driver: apt-get ended with 100: E: Could not resolve host"


def test_holds_of_the_administrator_stay(machine: FakeMachine, packages: FakeApt) -> None:
    """They stay when the charm's holds are released; they are looked up only once."""
    packages.installed["nvidia-utils-450-server"] = "450.1"
    machine.answers["apt-mark showhold"] = "nvidia-a\n"
    apt = Apt(machine)
    apt.hold(["nvidia-a", "nvidia-b"])
    apt.hold(["nvidia-a", "nvidia-b"])
    apt.restore()

    assert machine.ran("apt-mark hold") == ["apt-mark hold nvidia-b"]
    assert machine.ran("apt-mark unhold") == ["apt-mark unhold nvidia-b"]
    assert len(machine.ran("apt-mark showhold")) == 1


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize(
    ("driver", "pins", "words"),
    [
        ("nvidia-driver-535", "", ["nvidia-driver-535"]),
        ("nvidia-driver-535=535.1-0", "", ["nvidia-driver-535=535.1-0"]),
        (
            "nvidia-headless-535-server=535.1-0",
            "nvidia-utils-535-server=535.2-0 nvidia-headless-535-server=0.1",
            ["nvidia-headless-535-server=535.1-0", "nvidia-utils-535-server=535.2-0"],
        ),
        (
            "nvidia-headless-535-server=535.1-0",
            "",
            ["nvidia-headless-535-server=535.1-0", "nvidia-utils-535-server"],
        ),
        (
            "nvidia-headless-535",
            "nvidia-headless-535=9",
            ["nvidia-headless-535=9", "nvidia-utils-535"],
        ),
    ],
)  # fmt: skip
def test_version_goes_to_the_package_that_it_was_written_for(
    machine: FakeMachine, driver: str, pins: str, words: list[str]
) -> None:
    """A version in the option is that of the named package, and the pins are for all packages."""
    options = read_options({"driver": driver, "pins": pins})
    reconcile_driver(machine, Apt(machine), options)

    installation = next(command for command in machine.commands if "install" in command)
    assert installation[-len(words) :] == words
    assert not installation[-len(words) - 1].startswith("nvidia-")
    assert ["modprobe", "nvidia"] in machine.commands
