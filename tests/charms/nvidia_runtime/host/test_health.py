"""Whether the GPUs answer: each cause of a failure is named with its fix.

The messages of modprobe, nvidia-smi and the kernel are those that users of NVIDIA's and Ubuntu's
packages report. The exit codes are those of the manual of nvidia-smi.
"""

from __future__ import annotations

import json

import pytest

from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from helpers.scripted_driver import GPU, LIST, ScriptedDriver
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import CommandResult
from labcharm.text import STATUS_LIMIT
from nvidia_runtime.host.gpus import Gpu
from nvidia_runtime.host.health import check
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.host.reboot_reason import RECORD

T4 = Gpu(GPU, "0x1eb8", "0x030200", "nvidia", "plain")
SECOND = T4._replace(address="0000:8a:00.0")
B200 = T4._replace(device="0x2901")
BOOT_ID = "/proc/sys/kernel/random/boot_id"
KERNEL = "6.8.0-31-generic"
LOG = "look for NVRM in the kernel log"
REBOOT = "run the action reboot-node"
INSERT = "modprobe: ERROR: could not insert 'nvidia': "
NOT_FOUND = f"modprobe: FATAL: Module nvidia not found in directory /lib/modules/{KERNEL}"
# dmesg of NVIDIA/open-gpu-kernel-modules' users with a proprietary module on a Blackwell GPU.
NEEDS_OPEN = (
    "[    5.559842] NVRM: The NVIDIA GPU 0000:02:00.0 (PCI ID: 10de:2c58)\n"
    "               NVRM: installed in this system requires use of the NVIDIA open kernel"
    " modules.\n"
    "[    5.559858] NVRM: GPU 0000:02:00.0: RmInitAdapter failed! (0x22:0x56:884)\n"
)


@pytest.fixture
def driver(machine: FakeMachine, packages: FakeApt) -> ScriptedDriver:
    """Return a driver that works, on a machine that has booted once."""
    machine.write(BOOT_ID, "one\n")
    machine.answers["uname -r"] = f"{KERNEL}\n"
    packages.installed["nvidia-headless-no-dkms-580-server"] = "580.1"
    return ScriptedDriver(machine, "580.126.20")


def fault(machine: FakeMachine, *gpus: Gpu, message: str = "") -> CharmError | None:
    """Return what keeps these GPUs from answering; by default it is one T4."""
    try:
        check(machine, Apt(machine), list(gpus) or [T4], message)
    except CharmError as error:
        return error
    return None


def blocked(machine: FakeMachine, *gpus: Gpu, message: str = "") -> str:
    """Return the message of a machine whose administrator must act."""
    error = fault(machine, *gpus, message=message)
    assert isinstance(error, BlockedError)
    assert len(str(error)) <= STATUS_LIMIT, str(error)
    return str(error)


def reboot(machine: FakeMachine) -> None:
    """Boot the machine again."""
    machine.write(BOOT_ID, "two\n")


@pytest.mark.usefixtures("driver")
def test_gpu_that_answers_is_healthy(machine: FakeMachine) -> None:
    assert fault(machine) is None
    assert not machine.exists(RECORD)


@pytest.mark.usefixtures("driver")
def test_gpu_that_nvidia_smi_does_not_list_is_named(machine: FakeMachine) -> None:
    """It fell off the bus or failed to initialize, while the other one works."""
    message = f"nvidia-smi lists 1 of 2 GPUs, not 0000:8a:00.0: {LOG}, then reboot"
    assert blocked(machine, T4, SECOND) == message


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (CommandResult(127, "", "nvidia-smi: not found"),
         "nvidia-smi is missing: install nvidia-utils-580-server"),
        (CommandResult(6, "No devices were found\n", ""),
         f"nvidia-smi fails (No devices were found): {LOG}"),
        (CommandResult(9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA"
         " driver. Make sure that the latest NVIDIA driver is installed and running.\n\n", ""),
         f"nvidia-smi fails (NVIDIA-SMI has failed because it couldn't...): {LOG}"),
        (CommandResult(15, "Unable to determine the device handle for GPU0000:0B:00.0: GPU is"
         " lost.  Reboot the system to recover this GPU\n", ""),
         f"nvidia-smi fails (Unable to determine the device handle for...): {LOG}"),
        (CommandResult(255, "", ""), f"nvidia-smi fails (exit code 255): {LOG}"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("driver")
def test_failure_of_nvidia_smi_blocks(
    machine: FakeMachine, result: CommandResult, message: str
) -> None:
    machine.answers[LIST] = result

    assert blocked(machine) == message


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize(
    ("package", "branch"),
    [
        ("nvidia-headless-no-dkms-580-server-open", "580-server"),
        ("nvidia-driver-580", "580"),
        ("cuda-drivers", "580-server"),  # NVIDIA's own package does not name the branch
    ],
)
def test_package_of_nvidia_smi_is_of_the_drivers_branch(
    machine: FakeMachine, packages: FakeApt, package: str, branch: str
) -> None:
    packages.installed.clear()
    packages.installed[package] = "580.1"
    machine.answers[LIST] = CommandResult(127, "", "nvidia-smi: not found")

    assert blocked(machine) == f"nvidia-smi is missing: install nvidia-utils-{branch}"


@pytest.mark.usefixtures("driver")
def test_nvidia_smi_that_hangs_is_awaited(machine: FakeMachine) -> None:
    """The driver initializes a GPU of a large machine for a long time after the boot."""
    machine.answers[LIST] = CommandResult(124, "", "nvidia-smi: did not end within 120 s")
    error = fault(machine)

    assert isinstance(error, WaitingError)
    assert str(error) == f"nvidia-smi does not answer; if this lasts, {LOG}"


def test_library_of_an_unattended_upgrade_needs_one_reboot(
    machine: FakeMachine, driver: ScriptedDriver
) -> None:
    """The versions differ until the boot. If they still do, a second reboot does not help."""
    driver.load("580.95.05")
    reason = "driver 580.95.05 is loaded, library 580.126.20 installed"

    assert blocked(machine) == f"reboot needed ({reason}): {REBOOT}"
    assert blocked(machine) == f"reboot needed ({reason}): {REBOOT}"
    reboot(machine)
    assert blocked(machine) == f"{reason}, also after a reboot: reinstall its packages"

    driver.load("580.126.20")
    assert fault(machine) is None
    assert not machine.exists(RECORD)


def test_another_reason_asks_for_another_reboot(
    machine: FakeMachine, driver: ScriptedDriver
) -> None:
    driver.load("580.95.05")
    blocked(machine)
    reboot(machine)
    driver.load("580.65.06")

    assert blocked(machine).startswith("reboot needed (driver 580.65.06 is loaded, library ")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"reason": 1}'])
def test_record_that_cannot_be_read_asks_again(
    machine: FakeMachine, driver: ScriptedDriver, text: str
) -> None:
    driver.load("580.95.05")
    machine.write(RECORD, text)

    assert blocked(machine).startswith("reboot needed (")
    assert json.loads(machine.read(RECORD) or "")["boot"] == "one"


@pytest.mark.usefixtures("driver")
def test_mismatch_that_only_nvml_sees_needs_a_reboot(machine: FakeMachine) -> None:
    machine.answers[LIST] = CommandResult(
        18,
        "Failed to initialize NVML: Driver/library version mismatch\n"
        "NVML library version: 580.126\n",
        "",
    )

    message = "reboot needed (the loaded driver and the library differ)"
    assert blocked(machine) == f"{message}: {REBOOT}"


def test_proprietary_module_on_a_gpu_that_needs_the_open_one_blocks(
    machine: FakeMachine, driver: ScriptedDriver
) -> None:
    """Module and library have one version, and nvidia-smi finds no device."""
    machine.answers["modinfo -F license nvidia"] = "NVIDIA\n"
    package = "nvidia-headless-580-server-open"
    message = f"GPU {GPU} needs the open kernel modules: set driver={package}"
    assert blocked(machine, B200) == message

    driver.load("580.126.20", is_open=True)
    assert fault(machine, B200) is None


def test_open_module_on_an_old_gpu_blocks(machine: FakeMachine, driver: ScriptedDriver) -> None:
    driver.load("580.126.20", is_open=True)
    machine.answers["modinfo -F license nvidia"] = "Dual MIT/GPL\n"
    message = (
        f"GPU {GPU} needs the proprietary kernel modules: set driver=nvidia-headless-580-server"
    )

    assert blocked(machine, T4._replace(device="0x1db6")) == message


@pytest.mark.usefixtures("driver")
def test_fitting_modules_that_are_not_loaded_need_a_reboot(machine: FakeMachine) -> None:
    """They were installed while the other ones were loaded."""
    machine.answers["modinfo -F license nvidia"] = "Dual MIT/GPL\n"

    message = "reboot needed (the open kernel modules are not loaded yet)"
    assert blocked(machine, B200) == f"{message}: {REBOOT}"


@pytest.mark.usefixtures("driver")
def test_gpu_of_an_unknown_generation_is_understood_by_the_kernels_log(
    machine: FakeMachine,
) -> None:
    machine.answers[LIST] = CommandResult(6, "No devices were found\n", "")
    machine.answers["dmesg"] = NEEDS_OPEN
    machine.answers["modinfo -F license nvidia"] = "NVIDIA\n"

    assert "needs the open kernel modules" in blocked(machine)


@pytest.mark.parametrize(
    ("message", "state", "expected"),
    [
        (f"{INSERT}Key was rejected by service", "SecureBoot enabled\n", True),
        (f"{INSERT}Required key not available", "", True),
        (f"{INSERT}Operation not permitted", "SecureBoot enabled\n", True),
        (f"{INSERT}Operation not permitted", "SecureBoot disabled\n", False),
    ],
)
def test_module_that_secure_boot_refuses_is_named(
    machine: FakeMachine, driver: ScriptedDriver, message: str, state: str, expected: bool
) -> None:
    """A reboot does not help, so none is asked for."""
    driver.unload(message)
    machine.answers["mokutil --sb-state"] = state

    refused = (
        "Secure Boot refuses the unsigned NVIDIA module: install signed linux-modules-nvidia-*"
    )
    other = f"the NVIDIA module cannot be loaded (Operation not permitted): {LOG}"
    assert blocked(machine, message=message) == (
        f"{refused} instead of dkms" if expected else other
    )


@pytest.mark.parametrize(
    ("has_dkms", "has_headers", "expected"),
    [
        (True, False, "dkms built no NVIDIA module for lack of headers: install"
         f" linux-headers-{KERNEL}"),
        (True, True, f"dkms built no NVIDIA module for kernel {KERNEL}: see its make.log in"
         " /var/lib/dkms"),
        (False, False, "no NVIDIA module for this kernel: install"
         f" linux-modules-nvidia-580-server-{KERNEL}"),
    ],
)  # fmt: skip
def test_kernel_without_a_module_is_named(
    machine: FakeMachine,
    packages: FakeApt,
    driver: ScriptedDriver,
    has_dkms: bool,
    has_headers: bool,
    expected: str,
) -> None:
    driver.unload(NOT_FOUND)
    if has_dkms:
        packages.installed["nvidia-dkms-580-server"] = "580.1"
    if has_headers:
        machine.write(f"/lib/modules/{KERNEL}/build/Makefile", "")

    assert blocked(machine, message=NOT_FOUND) == expected


@pytest.mark.parametrize(
    ("newest", "has_module", "needs_reboot"),
    [("6.8.0-31-generic-64k", True, False), ("6.8.0-110-generic", True, True),
     ("6.11.0-8-generic", False, False), ("6.5.0-45-generic", True, False)],
)  # fmt: skip
def test_module_of_a_newer_kernel_needs_a_reboot(
    machine: FakeMachine, driver: ScriptedDriver, newest: str, has_module: bool, needs_reboot: bool
) -> None:
    """Ubuntu's signed modules are those of its newest kernel, which does not run yet."""
    driver.unload(NOT_FOUND)
    for release in (KERNEL, newest, "6.8.0-9-generic"):
        machine.write(f"/lib/modules/{release}/modules.dep", "")
    ask = f"modprobe --set-version {newest} --dry-run nvidia"
    machine.answers[ask] = CommandResult(0 if has_module else 1, "", "")

    message = f"reboot needed (only kernel {newest} has the NVIDIA module)"
    assert (blocked(machine, message=NOT_FOUND) == f"{message}: {REBOOT}") is needs_reboot
    reboot(machine)
    remedy = f"only kernel {newest} has the NVIDIA module, also after a reboot: boot that kernel"
    assert (blocked(machine, message=NOT_FOUND) == remedy) is needs_reboot


def test_machine_without_a_driver_is_named(
    machine: FakeMachine, packages: FakeApt, driver: ScriptedDriver
) -> None:
    driver.unload(NOT_FOUND)
    packages.installed.clear()
    machine.remove("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.580.126.20")

    expected = "no NVIDIA driver is installed: install one, or set driver=auto"
    assert blocked(machine, message=NOT_FOUND) == expected


def test_nouveau_needs_one_reboot(machine: FakeMachine, driver: ScriptedDriver) -> None:
    """The driver's packages keep nouveau from loading at the next boot."""
    message = f"{INSERT}No such device"
    driver.unload(message)
    gpu = T4._replace(driver="nouveau")

    expected = f"reboot needed (nouveau drives the GPU): {REBOOT}"
    assert blocked(machine, gpu, message=message) == expected
    reboot(machine)
    assert blocked(machine, gpu, message=message) == (
        "nouveau drives the GPU, also after a reboot: blacklist it and run update-initramfs -u"
    )


def test_module_that_never_loads_is_not_a_reason_to_reboot(
    machine: FakeMachine, driver: ScriptedDriver
) -> None:
    message = f"{INSERT}No such device"
    driver.unload(message)
    expected = f"the NVIDIA module cannot be loaded (No such device): {LOG}"

    assert blocked(machine, message=message) == expected
    machine.answers["dmesg"] = NEEDS_OPEN
    machine.answers["modinfo -F license nvidia"] = "NVIDIA\n"
    assert "needs the open kernel modules: set driver=" in blocked(machine, message=message)
    assert not machine.exists(RECORD)
