"""The driver, with a scripted apt."""

from __future__ import annotations

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from helpers.scripted_driver import GPU, ScriptedDriver
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import CommandResult
from nvidia_runtime.host.driver import Driver, hold_driver, reconcile_driver
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.host.versions import Versions
from nvidia_runtime.options import read_options

T4 = Gpu(GPU, "0x1eb8", "0x030200", "nvidia", "plain")
B200 = T4._replace(device="0x2901")
KERNEL = "6.8.0-31-generic"
# ubuntu-drivers-common (commit d3d78560) prints such lines for `ubuntu-drivers list --gpgpu`.
MODULES = "linux-modules-nvidia-580-server-generic-hwe-24.04"
OFFERS = (
    f"nvidia-driver-580-server, (kernel modules provided by {MODULES})\n"
    "nvidia-driver-570-server, (kernel modules provided by linux-modules-nvidia-570-server-x)\n"
)


def reconcile(machine: FakeMachine, *gpus: Gpu, **config: str | bool) -> Driver:
    """Reconcile the driver of these GPUs with these options."""
    options = read_options({name.replace("_", "-"): config[name] for name in config})
    return reconcile_driver(machine, Apt(machine), options, list(gpus) or [T4])


def installed_by_driver(machine: FakeMachine) -> list[str]:
    """Return what the last installation was asked for."""
    *_, installation = (command for command in machine.commands if "install" in command)
    return [word for word in installation if word.startswith(("nvidia-", "linux-"))]


def test_auto_installs_signed_modules_without_dkms(
    machine: FakeMachine, packages: FakeApt
) -> None:
    """A module of dkms would win over the signed one, and Secure Boot refuses it."""
    machine.answers["ubuntu-drivers list"] = OFFERS
    reconcile(machine, driver="auto")

    names = [MODULES, "nvidia-headless-no-dkms-580-server", "nvidia-utils-580-server"]
    assert installed_by_driver(machine) == names
    assert {"ubuntu-drivers-common", *names} == set(packages.installed)
    steps = [" ".join(command) for command in machine.commands]
    programs = [text for text in steps if text.startswith(("apt-get", "ubuntu-drivers", "mod"))]
    assert [text.partition(" -")[0] for text in programs][:6] == [
        "apt-get update", "apt-get install", "ubuntu-drivers list", "apt-get update",
        "apt-get install", "modprobe nvidia",
    ]  # fmt: skip
    assert programs[1].endswith(" ubuntu-drivers-common")


def test_auto_installs_headers_where_dkms_builds_the_modules(
    machine: FakeMachine, packages: FakeApt
) -> None:
    """Dkms only recommends the headers, and the charm installs no recommended packages."""
    offer = (
        "nvidia-driver-580-server-open, (kernel modules provided by nvidia-dkms-580-server-open)"
    )
    machine.answers["ubuntu-drivers list"] = offer
    machine.answers["uname -r"] = f"{KERNEL}\n"
    reconcile(machine, driver="auto")

    assert installed_by_driver(machine) == [
        f"linux-headers-{KERNEL}", "nvidia-headless-580-server-open", "nvidia-utils-580-server",
    ]  # fmt: skip


@pytest.mark.usefixtures("packages")
def test_kernel_with_headers_needs_no_package_of_them(machine: FakeMachine) -> None:
    machine.answers["uname -r"] = f"{KERNEL}\n"
    machine.write(f"/lib/modules/{KERNEL}/build/Makefile", "")
    reconcile(machine, driver="nvidia-driver-535")

    assert installed_by_driver(machine) == ["nvidia-driver-535"]


@pytest.mark.usefixtures("packages")
def test_gpu_that_needs_open_modules_gets_them(machine: FakeMachine) -> None:
    """The proprietary ones would load, bind no device, and look fine."""
    machine.answers["ubuntu-drivers list"] = (
        f"{OFFERS}nvidia-driver-570-server-open, (kernel modules provided by"
        " linux-modules-nvidia-570-server-open-generic)\n"
    )
    reconcile(machine, B200, driver="auto")

    assert installed_by_driver(machine)[0] == "linux-modules-nvidia-570-server-open-generic"


@pytest.mark.usefixtures("packages")
def test_option_chooses_the_flavour_of_the_modules(machine: FakeMachine) -> None:
    machine.answers["ubuntu-drivers list"] = (
        "nvidia-driver-580-server, (kernel modules provided by nvidia-dkms-580-server)\n"
        "nvidia-driver-580-server-open, (kernel modules provided by nvidia-dkms-580-server-open)\n"
    )
    reconcile(machine, driver="auto", kernel_modules="proprietary")

    assert "nvidia-headless-580-server" in installed_by_driver(machine)


@pytest.mark.parametrize("driver", ["host", "none", "auto"])
@pytest.mark.usefixtures("packages")
def test_driver_that_is_present_is_not_touched(machine: FakeMachine, driver: str) -> None:
    """Module and library have the same version: apt is not run and nothing is reported."""
    ScriptedDriver(machine)

    assert reconcile(machine, driver=driver) == Driver(Versions("450.51.06", "450.51.06"))
    assert not machine.ran("apt")
    assert not machine.ran("modprobe")


def test_driver_that_is_ignored_is_not_asked(machine: FakeMachine) -> None:
    reconcile(machine, driver="none")

    assert machine.commands == []


def test_policy_host_without_a_driver_blocks(machine: FakeMachine) -> None:
    """Only the administrator can install one."""
    ScriptedDriver(machine).unload(f"modprobe: FATAL: Module nvidia not found in {KERNEL}")
    machine.remove("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.450.51.06")
    error = reconcile(machine, driver="host").error

    assert isinstance(error, BlockedError)
    assert "set driver=auto" in str(error)


@pytest.mark.usefixtures("packages")
def test_failure_of_apt_is_reported_and_retried(machine: FakeMachine) -> None:
    """The message holds apt's last line, and nothing of the command line."""
    machine.answers["apt-get update"] = CommandResult(100, "", "E: Could not resolve host\n")

    error = reconcile(machine, driver="nvidia-driver-535").error

    assert isinstance(error, WaitingError)
    assert str(error) == "driver: apt-get ended with 100: E: Could not resolve host"


def test_upgraded_kernel_gets_its_modules(machine: FakeMachine, packages: FakeApt) -> None:
    """The driver is installed, but its modules are those of the kernel before."""
    driver = ScriptedDriver(machine)
    driver.unload(f"modprobe: FATAL: Module nvidia not found in directory /lib/modules/{KERNEL}")
    packages.installed["nvidia-headless-no-dkms-580-server-open"] = "580.1"
    machine.answers["uname -r"] = f"{KERNEL}\n"
    exact = f"linux-modules-nvidia-580-server-open-{KERNEL}"
    meta = "linux-modules-nvidia-580-server-open-generic"
    machine.answers["apt-cache rdepends"] = f"{exact}\nReverse Depends:\n  {meta}\n"
    reconcile(machine, driver="auto")

    assert packages.installed[meta] == "1"


@pytest.mark.parametrize("driver", ["host", "auto"])
def test_modules_for_an_upgraded_kernel_are_the_hosts_affair_with_policy_host(
    machine: FakeMachine, packages: FakeApt, driver: str
) -> None:
    ScriptedDriver(machine).unload("modprobe: FATAL: Module nvidia not found in directory /lib/x")
    packages.installed["nvidia-dkms-580-server"] = "580.1"
    machine.answers["uname -r"] = f"{KERNEL}\n"
    machine.answers["apt-cache show linux-modules"] = CommandResult(
        100, "", "E: No packages found"
    )
    reconcile(machine, driver=driver)

    assert (f"linux-headers-{KERNEL}" in packages.installed) is (driver == "auto")


@pytest.mark.parametrize(
    ("config", "held"),
    [
        ({"hold-driver": True}, {"nvidia-utils-580-server", "libnvidia-compute-580-server"}),
        ({"hold-driver": False}, set()),
        ({"hold-driver": True, "driver": "host"}, set()),
    ],
)
def test_packages_of_the_driver_are_held(
    machine: FakeMachine, packages: FakeApt, config: dict[str, str | bool], held: set[str]
) -> None:
    """Those of the toolkit are not."""
    names = ("nvidia-utils-580-server", "libnvidia-compute-580-server", "libnvidia-container1")
    packages.installed.update(dict.fromkeys(names, "1"))

    assert hold_driver(Apt(machine), read_options(config)) is None
    assert packages.held == held
    assert hold_driver(Apt(machine), read_options({})) is None
    assert packages.held == set()


def test_hold_that_fails_is_awaited(machine: FakeMachine, packages: FakeApt) -> None:
    packages.installed["nvidia-utils-580-server"] = "1"
    machine.answers["apt-mark hold"] = CommandResult(100, "", "E: no permission\n")
    error = hold_driver(Apt(machine), read_options({"hold-driver": True}))

    assert isinstance(error, WaitingError)
    assert str(error) == "driver: apt-mark ended with 100: E: no permission"


def test_holds_of_the_administrator_stay(machine: FakeMachine, packages: FakeApt) -> None:
    """They stay when the charm's holds are released."""
    packages.installed["nvidia-utils-450-server"] = "450.1"
    packages.held = {"nvidia-a"}
    apt = Apt(machine)
    apt.hold(["nvidia-a", "nvidia-b"])
    apt.restore()

    assert machine.ran("apt-mark hold") == ["apt-mark hold nvidia-b"]
    assert machine.ran("apt-mark unhold") == ["apt-mark unhold nvidia-b"]


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
    reconcile(machine, driver=driver, pins=pins)

    assert installed_by_driver(machine) == ["linux-headers-5.15.0-91-generic", *words]
    assert ["modprobe", "nvidia"] in machine.commands


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize(
    "driver", ["nvidia-headless-no-dkms-580-server", "linux-modules-nvidia-580-server-generic"]
)
def test_package_without_dkms_needs_no_headers(machine: FakeMachine, driver: str) -> None:
    reconcile(machine, driver=driver)

    assert not any(word.startswith("linux-headers") for word in installed_by_driver(machine))
